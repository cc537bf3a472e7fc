#include "app/config/witness_config.h"

namespace pawl {

void read_witnesses(YamlMap& root, const Values& values, Config& config) {
  std::optional<YamlMap> witnesses = root.map("witnesses");
  if (!witnesses) {
    return;
  }
  WitnessConfig out;
  out.policy_file = values.path(witnesses->text("policy"));
  if (out.policy_file.empty()) {
    witnesses->bad("policy",
                   "expected the file of a witness policy (docs/formats/witness_policy.md)");
  }
  out.is_required = witnesses->boolean("required", false);
  out.every_s = witnesses->integer("every_s", out.every_s, 1, 86'400);
  out.timeout_s = witnesses->integer("timeout_s", out.timeout_s, 1, 600);
  witnesses->finish();
  config.witnesses = std::move(out);
}

}  // namespace pawl
