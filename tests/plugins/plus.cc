// SPDX-License-Identifier: Apache-2.0
//
// An attribution plugin in C++, with what C++ authors use: containers, strings, exceptions caught inside, state in an
// object. With the setting `leave` an exception leaves the call, which no C interface survives.
#include "vouch_plugin.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace
{

struct touched {
    uint64_t party;
    int64_t weight;
};

class model
{
  public:
    model(int64_t weight_of_one, bool throws) : weight(weight_of_one), leave(throws)
    {
    }

    std::vector<touched> weigh(const vouch_attribution_request &request) const
    {
        std::vector<touched> parties;
        std::unordered_map<uint64_t, size_t> places;
        for (uint32_t i = 0; i < request.touch_count; i++) {
            const vouch_touch &touch = request.touches[i];
            auto place = places.emplace(touch.party, parties.size());
            if (place.second) {
                parties.push_back({touch.party, 0});
            }
            parties.at(place.first->second).weight += weight;
        }
        if (leave) {
            throw std::runtime_error("nobody catches this");
        }
        return parties;
    }

  private:
    int64_t weight;
    bool leave;
};

enum vouch_answer create(const vouch_services *services, const vouch_setting_value *values, void **self)
{
    try {
        if (values[0].integer == 13) {
            throw std::invalid_argument("13 brings bad luck");
        }
        *self = new model(values[0].integer, values[1].integer != 0);
        return VOUCH_ANSWER_DONE;
    } catch (const std::exception &error) {
        services->explain(services, (std::string("no model: ") + error.what()).c_str());
        return VOUCH_ANSWER_FAILED;
    }
}

void destroy(void *self)
{
    delete static_cast<model *>(self);
}

enum vouch_answer attribute(void *self, const vouch_attribution_request *request, vouch_attribution_result *result)
{
    std::vector<touched> parties = static_cast<model *>(self)->weigh(*request);
    std::transform(parties.begin(), parties.end(), result->shares, [](const touched &party) {
        return vouch_share{party.party, party.weight};
    });
    result->share_count = static_cast<uint32_t>(parties.size());
    return VOUCH_ANSWER_DONE;
}

const vouch_setting settings[] = {
    {"weight", VOUCH_SETTING_INTEGER, 0, "1", 1, 1000, "of one touch", {nullptr, nullptr}},
    {"leave", VOUCH_SETTING_BOOLEAN, 0, "false", 0, 0, "let an exception leave the call", {nullptr, nullptr}},
};

const vouch_attribution_plugin attribution = {sizeof attribution, attribute, nullptr};

} // namespace

const vouch_plugin_descriptor vouch_plugin = {
    sizeof vouch_plugin,
    VOUCH_PLUGIN_ABI,
    VOUCH_KIND_ATTRIBUTION,
    "plus",
    "1.0.0",
    "counts touches, in C++",
    settings,
    2,
    0,
    create,
    destroy,
    &attribution,
    nullptr,
};
