-- Estimates over history: a party is worth the part of the referrals it touched that was won.
plugin = {
  kind = "attribution", name = "rate", version = "1.0.0", summary = "the part of a party's referrals that was won",
  settings = {
    least = {type = "integer", default = 5, min = 1, max = 1000000, help = "referrals below which a party weighs nothing"},
  },
}

function estimate(history, settings)
  local won, all = {}, {}
  for _, path in ipairs(history.paths) do
    for _, party in ipairs(path.parties) do
      won[party] = (won[party] or 0) + path.won
      all[party] = (all[party] or 0) + path.won + path.lost
    end
  end
  local shares = {}
  for party, count in pairs(all) do
    local weight = count >= settings.least and math.floor(won[party] / count * 1000000) or 0
    shares[party] = {weight, won[party], count}
  end
  return shares
end
