// The operator's own key, and for whom what it signs is meant.
// Threading: the main thread. Errors: kNotFound, and what reading a key says.
#pragma once

#include <optional>
#include <string>

#include "app/commands/command.h"
#include "foundation/keys/operator_key.h"

namespace pawl {

inline constexpr std::int64_t kStatementSeconds = 120;  // how long a statement of ours lives

// --key-file, else DATA/operator.pem; nullopt: none was given, and there is none.
Result<std::optional<SigningKey>> operator_key_of(Context& context, const DataFolder& folder,
                                                  const std::string& given);
// The same for what nobody may do without: kNotFound. `what`: "a resume", for people.
Result<SigningKey> needed_operator_key(Context& context, const DataFolder& folder,
                                       const std::string& given, const std::string& what);
// The instance: spiffe://DOMAIN/pawl/NODE.
Result<std::string> instance_of(Context& context);

}  // namespace pawl
