#include "base/limit_stat.h"

namespace pawl {
namespace {

// Constant-initialized, so that it is there before the first LimitStat.
constinit const LimitStat* newest = nullptr;

}  // namespace

LimitStat::LimitStat(std::string_view limit) : limit_(limit), next_(newest) {
  newest = this;
}

void LimitStat::visit(
    const std::function<void(std::string_view limit, std::uint64_t count)>& visitor) {
  for (const LimitStat* stat = newest; stat != nullptr; stat = stat->next_) {
    visitor(stat->limit_, stat->count());
  }
}

}  // namespace pawl
