#include "gateway/terms_in_force.h"

#include <algorithm>
#include <string>
#include <vector>

#include "path/plugged.h"

namespace pawl {
namespace {

void add_every_role(std::vector<std::string>& roles, std::span<const Operator> operators) {
  for (const Operator& one : operators) {
    for (const std::string& role : one.roles) {
      if (std::find(roles.begin(), roles.end(), role) == roles.end()) {
        roles.push_back(role);
      }
    }
  }
}

}  // namespace

HoldTerms terms_in_force(HoldTerms terms, std::span<const Operator> operators) {
  if (!plugged(ControlId::kQuorum)) {
    terms.of = 1;
  }
  if (!plugged(ControlId::kEscalation)) {
    terms.escalate_to.clear();
  }
  if (!plugged(ControlId::kApproverRole)) {
    add_every_role(terms.roles, operators);
    if (!terms.escalate_to.empty()) {
      add_every_role(terms.escalate_to, operators);
    }
  }
  return terms;
}

}  // namespace pawl
