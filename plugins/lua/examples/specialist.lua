-- SPDX-License-Identifier: Apache-2.0
-- Matcher: who has solved these very issues, in this industry, near here? Rare issues count more than common ones.
plugin = {
  kind = "matcher",
  name = "specialist",
  version = "1.0.0",
  summary = "issues solved, industry known, near",
  components = {{name = "issues", weight = 6}, {name = "industry", weight = 3}, {name = "near", weight = 1}},
}

function match(need, candidate)
  local solved, all = 0, 0
  for _, issue in ipairs(need.issues) do
    local rarity = 1 / (1 + need.issue_candidates[issue])
    all = all + rarity
    solved = solved + (candidate.issues[issue] and rarity or 0)
  end
  return {
    issues = all > 0 and {solved / all, #candidate.issues .. " issues on the card"} or nil,
    industry = candidate.industries[need.industry] and 1 or 0,
    near = need.country ~= "" and (candidate.countries[need.country] and 1 or 0) or nil,
  }
end
