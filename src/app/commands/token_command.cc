#include "app/commands/token_command.h"

#include <memory>
#include <ostream>

#include "app/commands/shown_sd_jwt.h"
#include "app/commands/token_input.h"
#include "foundation/jose/jwk_set.h"
#include "foundation/keys/key_file.h"
#include "foundation/sd_jwt/sd_jwt_issue.h"

namespace pawl {
namespace {

struct Asked {
  std::string file, key_file, holder_jwk, holder_key, keys, type, audience, nonce;
  std::vector<std::string> pointers;
  std::size_t decoys = 0;
  bool all = false;
};

// Without the line end that editors leave.
Result<std::string> read_token(Context& context, const std::string& path) {
  Result<std::string> text = read_input(context, path, sd_jwt::kMaxBytes + 2);
  while (text && (text->ends_with('\n') || text->ends_with('\r'))) {
    text->pop_back();
  }
  return text;
}

Result<json::Object> read_object(Context& context, const std::string& path) {
  const Result<std::string> text = read_token(context, path);
  const Result<json::Parsed> parsed = text ? json::parse(*text) : fail(text.error());
  if (!parsed) {
    return fail_at(path, parsed.error());
  }
  return parsed->value.is_object()
             ? Result<json::Object>(json::Object(parsed->value.get_object(), {}))
             : fail(Code::kMalformed, path + ": expected a JSON object");
}

int issue(Context& context, const Asked& asked) {
  const Result<SigningKey> key = load_key_file(context.files, asked.key_file, KeyKind::kP256);
  const Result<json::Object> claims = key ? read_object(context, asked.file) : fail(key.error());
  Result<json::Object> holder =
      claims ? json::Object() : Result<json::Object>(fail(claims.error()));
  if (holder && !asked.holder_jwk.empty()) {
    holder = read_object(context, asked.holder_jwk);
    const Result<PublicKey> usable = holder ? PublicKey::from_jwk(*holder) : fail(holder.error());
    if (!usable) {
      return report_token(context,
                          {Code::kMalformed, asked.holder_jwk + ": " + usable.error().message});
    }
  }
  if (!holder) {
    return report_token(context, holder.error());
  }
  const Result<std::string> token = sd_jwt::issue(*key, *claims,
                                                  {.typ = asked.type,
                                                   .kid = key->public_key().thumbprint(),
                                                   .disclosable = asked.pointers,
                                                   .decoys = asked.decoys,
                                                   .holder_jwk = *std::move(holder)},
                                                  context.random);
  if (!token) {
    return report_token(context, token.error());
  }
  context.io.out << *token << '\n';
  return kExitGood;
}

Result<std::vector<std::string>> everything(std::string_view text) {
  const Result<sd_jwt::SdJwt> token = sd_jwt::parse(text);
  const Result<sd_jwt::Processed> processed = token ? sd_jwt::process(*token) : fail(token.error());
  if (!processed) {
    return fail(processed.error());
  }
  std::vector<std::string> out;
  for (const sd_jwt::Place& place : processed->places) {
    out.push_back(place.pointer);
  }
  return out;
}

int present(Context& context, const Asked& asked) {
  const Result<std::string> text = read_token(context, asked.file);
  const Result<std::vector<std::string>> pointers =
      !text       ? fail(text.error())
      : asked.all ? everything(*text)
                  : Result<std::vector<std::string>>(asked.pointers);
  Result<std::string> shown = pointers ? sd_jwt::present(*text, *pointers) : fail(pointers.error());
  if (shown && !asked.holder_key.empty()) {
    const Result<SigningKey> holder =
        load_key_file(context.files, asked.holder_key, KeyKind::kP256);
    shown = holder ? sd_jwt::bind(*shown, *holder, {asked.audience, asked.nonce},
                                  context.clock.wall().seconds())
                   : fail(holder.error());
  }
  if (!shown) {
    return report_token(context, shown.error());
  }
  context.io.out << *shown << '\n';
  return kExitGood;
}

int verify(Context& context, const Asked& asked) {
  constexpr std::size_t kMaxKeys = 1 << 20;
  const Result<std::string> keys_text = read_file(context.files, asked.keys, kMaxKeys);
  const Result<jose::JwkSet> keys =
      keys_text ? jose::JwkSet::parse(*keys_text) : fail(keys_text.error());
  const Result<std::string> text =
      keys ? read_token(context, asked.file) : fail_at(asked.keys, keys.error());
  if (!text) {
    return report_token(context, text.error());
  }
  sd_jwt::VerifyOptions options{.now = context.clock.wall()};
  if (!asked.type.empty()) {
    options.types = {asked.type};
  }
  if (!asked.nonce.empty()) {
    options.key_binding = sd_jwt::KeyBinding{asked.audience, asked.nonce};
  } else {
    options.audience = asked.audience;
  }
  const sd_jwt::KeyResolver resolve = [&](const jose::Jws& jws) -> Result<PublicKey> {
    const PublicKey* key = keys->find(jws.kid);
    return key != nullptr
               ? Result<PublicKey>(*key)
               : fail(Code::kNotFound, asked.keys + " has no key with kid \"" + jws.kid + "\"");
  };
  const Result<sd_jwt::Verified> shown = sd_jwt::verify(*text, resolve, options);
  if (!shown) {
    return report_token(context, shown.error());
  }
  tell_verified(context, *shown);
  return kExitGood;
}

int show(Context& context, const Asked& asked) {
  const Result<std::string> text = read_token(context, asked.file);
  const Result<sd_jwt::SdJwt> token = text ? sd_jwt::parse(*text) : fail(text.error());
  const Result<sd_jwt::Processed> processed = token ? sd_jwt::process(*token) : fail(token.error());
  if (!processed) {
    return report_token(context, processed.error());
  }
  tell_disclosures(context, *token, *processed);
  return kExitGood;
}

void add_issue(CLI::App& group, Context& context) {
  const auto asked = std::make_shared<Asked>();
  CLI::App* command = add_token_command(
      group, context, "issue", "Sign claims, some of which may be withheld later",
      {"pawl token issue claims.json --key-file issuer.pem --disclosable /name"}, asked, &issue);
  command->add_option("--key-file", asked->key_file, "The issuer's key: P-256, PKCS #8, mode 0600")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--disclosable", asked->pointers,
                   "JSON Pointer to what may be withheld: /name, /list/0; more than once")
      ->type_name("POINTER");
  command->add_option("--decoys", asked->decoys, "False digests in each object, so none can count")
      ->check(CLI::Range(std::size_t{0}, sd_jwt::kMaxDecoys));
  command->add_option("--holder", asked->holder_jwk, "The holder's public key (JWK), to bind it to")
      ->type_name("FILE");
  command->add_option("--type", asked->type, "The header's typ")->type_name("TYPE");
}

void add_present(CLI::App& group, Context& context) {
  const auto asked = std::make_shared<Asked>();
  CLI::App* command = add_token_command(
      group, context, "present", "Show a token with the named members only",
      {"pawl token present token.sd-jwt --disclose /name", "pawl token present token.sd-jwt --all"},
      asked, &present);
  CLI::Option* pointers =
      command->add_option("--disclose", asked->pointers, "What to show; more than once")
          ->type_name("POINTER");
  command->add_flag("--all", asked->all, "Show everything")->excludes(pointers);
  CLI::Option* holder =
      command->add_option("--holder-key", asked->holder_key, "Prove that the token is yours")
          ->type_name("FILE");
  CLI::Option* audience =
      command->add_option("--audience", asked->audience, "Whom it is shown to")->needs(holder);
  CLI::Option* nonce =
      command->add_option("--nonce", asked->nonce, "What the verifier asked with")->needs(holder);
  holder->needs(audience);
  holder->needs(nonce);
}

void add_verify_token(CLI::App& group, Context& context) {
  const auto asked = std::make_shared<Asked>();
  CLI::App* command =
      add_token_command(group, context, "verify", "Check a token, and read what was shown",
                        {"pawl token verify token.sd-jwt --keys keys.json"}, asked, &verify);
  command->add_option("--keys", asked->keys, "The issuer's keys: a JWK set")
      ->type_name("FILE")
      ->required();
  command->add_option("--type", asked->type, "The typ that it must have")->type_name("TYPE");
  command->add_option("--audience", asked->audience, "Whom it must be for");
  command->add_option("--nonce", asked->nonce,
                      "What you asked with: the holder's proof must be there and name it");
}

}  // namespace

void add_token(CLI::App& root, Context& context) {
  CLI::App* group = add_group(
      root, "token", "Tokens that show some of their members (SD-JWT)",
      {"pawl token verify token.sd-jwt --keys keys.json", "pawl token show token.sd-jwt"});
  add_issue(*group, context);
  add_present(*group, context);
  add_verify_token(*group, context);
  add_token_command(*group, context, "show",
                    "What a token holds, and what of it may be withheld; not checked",
                    {"pawl token show token.sd-jwt"}, std::make_shared<Asked>(), &show);
}

}  // namespace pawl
