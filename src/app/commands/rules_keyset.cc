#include "app/commands/rules_keyset.h"

#include <memory>
#include <ostream>

#include "app/commands/token_input.h"
#include "foundation/keys/operator_key.h"

namespace pawl {
namespace {

struct Asked {
  std::string file;
};

int keyset(Context& context, const Asked& asked) {
  const Result<SigningKey> key = load_operator_key(context.files, asked.file);
  if (!key) {
    return report_token(context, key.error());
  }
  const PublicKey shown = key->public_key();
  json::Object jwk = json::parse(shown.to_jwk())->value.get_object();  // our own text
  jwk["kid"] = shown.thumbprint();
  jwk["alg"] = "ES256";
  json::Array keys;
  keys.push_back(std::move(jwk));
  context.io.out << json::print(json::Object{{"keys", std::move(keys)}}) << '\n';
  return kExitGood;
}

}  // namespace

void add_rules_keyset(CLI::App& group, Context& context) {
  add_token_command(group, context, "keyset",
                    "The public half of a key file, for policy_tokens in pawl.yaml",
                    {"pawl rules keyset operator.pem"}, std::make_shared<Asked>(), &keyset);
}

}  // namespace pawl
