-- SPDX-License-Identifier: Apache-2.0
-- Attribution: every touch counts, and the later the more. A touch that lies one half-life before another counts half as
-- much.
plugin = {
  kind = "attribution",
  name = "recency",
  version = "1.0.0",
  summary = "later touches count more",
  settings = {
    half_life_days = {type = "number", default = 30, min = 0.1, max = 3650, help = "days after which a touch counts half"},
  },
}

function attribute(request, settings)
  local weights = {}
  for _, touch in ipairs(request.touches) do
    local age_days = (request.closed_ms - touch.time_ms) / 86400000
    local weight = 1000000 * 0.5 ^ (math.max(0, age_days) / settings.half_life_days)
    weights[touch.party] = (weights[touch.party] or 0) + math.floor(weight)
  end
  return weights
end
