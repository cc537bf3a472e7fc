// The member `policy` of pawl.yaml: which decision points outside are asked, too
// (docs/operations/decision-points.md).
// Threading:  one thread. Errors: as YamlMap keeps them; load_outside: those of load_config().
// Not errors: no such member (nobody is asked).
#pragma once

#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/config/config_values.h"
#include "app/config/yaml_reader.h"
#include "base/json.h"
#include "infrastructure/decision/question.h"

namespace pawl {

struct OutsideConfig {
  decision::Kind kind = decision::Kind::kAuthzen;
  std::string url;
  http::Headers headers;  // credentials, resolved
  std::int64_t timeout_ms = 500;
  bool arguments = false;  // it may see them

  std::string name() const;  // for records: "opa:http://127.0.0.1:8181"
};
using OutsidePointsConfig = std::vector<OutsideConfig>;  // in the order of asking

OutsidePointsConfig read_outside(YamlMap& root, const Values& values);
// Of the file that load_config() took, with its secrets. `config.file` empty: none.
Result<OutsidePointsConfig> load_outside(Files& files, const Config& config,
                                         const Environment& environment);
// The same for who only looks: kUnsetSecret stands for each secret.
Result<OutsidePointsConfig> load_outside_without_secrets(Files& files, const Config& config);
json::Array shown_outside(const OutsidePointsConfig& points);

}  // namespace pawl
