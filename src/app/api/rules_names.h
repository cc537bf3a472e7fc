// Names in rules that the configuration does not have: a slip of the pen never matches.
//
// Purpose:    for whoever checks rules and knows both: `pawl rules check`, the console.
// Threading:  pure functions.
// Not errors: a name that may come from elsewhere (a wrapped server, a group of a JWT): a remark,
//             unless it looks like a misspelt name of the configuration.
#pragma once

#include <string>
#include <vector>

#include "app/api/known_names.h"
#include "foundation/rules/asked_names.h"

namespace pawl {

struct NameRemark {
  bool doubtful = false;  // true: probably not meant; false: worth knowing
  std::string text;       // "file:line:column: rule ID: ..."
};

std::vector<NameRemark> unknown_names(const std::vector<rules::AskedName>& asked,
                                      const KnownNames& known, const Config& config);

}  // namespace pawl
