#include "app/commands/operator_signature.h"

namespace pawl {

Result<std::optional<SigningKey>> operator_key_of(Context& context, const DataFolder& folder,
                                                  const std::string& given) {
  const std::string path = given.empty() ? folder.operator_key() : given;
  if (given.empty() && !context.files.exists(path)) {
    return std::optional<SigningKey>();
  }
  Result<SigningKey> key = load_operator_key(context.files, path);
  if (!key) {
    return fail(key.error());
  }
  return std::optional<SigningKey>(*std::move(key));
}

Result<SigningKey> needed_operator_key(Context& context, const DataFolder& folder,
                                       const std::string& given, const std::string& what) {
  Result<std::optional<SigningKey>> key = operator_key_of(context, folder, given);
  if (!key) {
    return fail(key.error());
  }
  if (!*key) {
    return fail(Code::kNotFound, what + " is signed: no " + folder.operator_key() +
                                     "; give --key-file, or make one with pawl init");
  }
  return **std::move(key);
}

Result<std::string> instance_of(Context& context) {
  const Result<Config> config = place(context);
  if (!config) {
    return fail(config.error());
  }
  return "spiffe://" + config->domain + "/pawl/" + config->node;
}

}  // namespace pawl
