#include "foundation/records/hold_terms.h"

#include "base/json_texts.h"

namespace pawl {

json::Object print_hold_terms(const HoldTerms& terms) {
  json::Object out{{"of", std::int64_t{terms.of}},
                   {"within_s", terms.within_s},
                   {"uses", std::int64_t{terms.uses}}};
  out["roles"] = json::texts(terms.roles);
  out["escalate_to"] = json::texts(terms.escalate_to);
  return out;
}

}  // namespace pawl
