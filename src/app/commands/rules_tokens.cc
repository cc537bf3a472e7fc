#include "app/commands/rules_tokens.h"

#include <map>
#include <memory>
#include <ostream>

#include "app/commands/operator_signature.h"
#include "app/commands/rules_keyset.h"
#include "app/commands/shown_policy.h"
#include "app/commands/token_input.h"
#include "foundation/acp/acp_attenuate.h"
#include "foundation/acp/acp_chain.h"
#include "foundation/acp/acp_wire.h"
#include "foundation/jose/jwk_set.h"
#include "foundation/keys/operator_key.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxChainBytes = acp::kMaxChain * (acp::kMaxTokenBytes + 2);
constexpr std::int64_t kUsualSeconds = 3600;

struct Asked {
  std::string file, narrowing, key_file, audience;
  std::vector<std::string> issuers, holders;
  std::int64_t seconds = kUsualSeconds;
};

// A token a line; empty lines between are passed over.
Result<std::vector<std::string>> read_chain(Context& context, const std::string& path) {
  const Result<std::string> text = read_input(context, path, kMaxChainBytes);
  if (!text) {
    return fail(text.error());
  }
  std::vector<std::string> out;
  std::string token;
  for (const char c : *text + "\n") {
    if (c != '\n' && c != '\r') {
      token += c;
    } else if (!token.empty()) {
      out.push_back(std::exchange(token, {}));
    }
  }
  if (out.empty() || out.size() > acp::kMaxChain) {
    return fail(Code::kTokenInvalid, std::string(acp::kChainLength) + ", a line each");
  }
  return out;
}

// Without a look at signatures.
Result<std::vector<acp::Link>> links_of(const std::vector<std::string>& tokens) {
  std::vector<acp::Link> out;
  for (const std::string& compact : tokens) {
    const Result<jose::Jws> jws = jose::decode(compact, acp::kMaxTokenBytes);
    Result<acp::Token> token =
        jws ? acp::read(*jws)
            : Result<acp::Token>(fail(Code::kTokenInvalid, "malformed: " + jws.error().message));
    Result<acp::Link> link = token ? acp::compile(*std::move(token)) : fail(token.error());
    if (!link) {
      return fail(link.error());
    }
    out.push_back(*std::move(link));
  }
  return out;
}

std::vector<acp::Token> tokens_of(const std::vector<acp::Link>& links) {
  std::vector<acp::Token> out;
  for (const acp::Link& link : links) {
    out.push_back(link.token);
  }
  return out;
}

Result<SigningKey> signing_key(Context& context, const Asked& asked) {
  if (!asked.key_file.empty()) {
    return load_operator_key(context.files, asked.key_file);
  }
  const Result<DataFolder> folder = data_folder(context);
  return folder ? needed_operator_key(context, *folder, "", "a policy token")
                : Result<SigningKey>(fail(folder.error()));
}

// The token, and that nobody who reads it would refuse it.
Result<acp::Link> signed_link(const acp::Claims& claims, const SigningKey& key) {
  const Result<std::string> compact = acp::issue(key, key.public_key().thumbprint(), claims);
  if (!compact) {
    return fail(compact.error());
  }
  return links_of({*compact}).map([](std::vector<acp::Link> links) {
    return std::move(links.front());
  });
}

// iat, exp and jti are ours where the file leaves them out.
Result<acp::Claims> read_draft(Context& context, const Asked& asked) {
  const Result<std::string> text = read_input(context, asked.file, acp::kMaxTokenBytes);
  const Result<json::Parsed> parsed = text ? json::parse(*text) : fail(text.error());
  if (!parsed) {
    return fail_at(asked.file, parsed.error());
  }
  if (!parsed->value.is_object()) {
    return fail(Code::kMalformed, asked.file + ": expected a JSON object");
  }
  if (!parsed->lossy_numbers.empty()) {
    return fail(Code::kTokenInvalid, "lossy_number: the number at " +
                                         parsed->lossy_numbers.front() +
                                         " changes when it is read");
  }
  json::Object draft(parsed->value.get_object(), {});
  const std::int64_t now = context.clock.wall().seconds();
  draft.emplace(names::kClaimIat, now);
  draft.emplace(names::kClaimExp, now + asked.seconds);
  draft.emplace(names::kClaimJti, Uuid::v7(context.clock.wall(), context.random).text());
  return acp::read_claims(json::print(draft));
}

int issue(Context& context, const Asked& asked) {
  const Result<acp::Claims> claims = read_draft(context, asked);
  if (!claims) {
    return report_token(context, claims.error());
  }
  if (!claims->parent.empty()) {
    return report_token(context, {Code::kTokenInvalid,
                                  "parent_missing: `pawl rules attenuate` makes a "
                                  "token that has a parent"});
  }
  const Result<SigningKey> key = signing_key(context, asked);
  const Result<acp::Link> link = key ? signed_link(*claims, *key) : fail(key.error());
  if (!link) {
    return report_token(context, link.error());
  }
  context.io.out << link->token.compact << '\n';
  return kExitGood;
}

Result<acp::Link> narrowed(Context& context, const Asked& asked, const acp::Link& parent) {
  const Result<std::string> text = read_input(context, asked.narrowing, acp::kMaxTokenBytes);
  const Result<acp::Narrowing> by =
      text ? acp::read_narrowing(*text) : Result<acp::Narrowing>(fail(text.error()));
  const Result<acp::Claims> claims =
      by ? acp::attenuate(parent.token, *by, Uuid::v7(context.clock.wall(), context.random),
                          context.clock.wall().seconds())
         : fail(by.error());
  const Result<SigningKey> key =
      claims ? load_operator_key(context.files, asked.key_file) : fail(claims.error());
  Result<acp::Link> child = key ? signed_link(*claims, *key) : fail(key.error());
  if (child) {
    if (const Status narrower = acp::check_narrower(*child, parent); !narrower) {
      return fail(narrower.error());
    }
  }
  return child;
}

int attenuate(Context& context, const Asked& asked) {
  const Result<std::vector<std::string>> tokens = read_chain(context, asked.file);
  const Result<std::vector<acp::Link>> links =
      tokens ? links_of(*tokens) : Result<std::vector<acp::Link>>(fail(tokens.error()));
  if (!links) {
    return report_token(context, links.error());
  }
  if (links->size() == acp::kMaxChain) {
    return report_token(context, {Code::kTokenInvalid, std::string(acp::kChainLength)});
  }
  const Result<acp::Link> child = narrowed(context, asked, links->back());
  if (!child) {
    return report_token(context, child.error());
  }
  for (const acp::Link& link : *links) {
    context.io.out << link.token.compact << '\n';
  }
  context.io.out << child->token.compact << '\n';
  return kExitGood;
}

using Keys = std::map<std::string, std::vector<PublicKey>, std::less<>>;  // by iss

// Of a JWK set, a JWK, or a public key or certificate in PEM.
Result<std::vector<PublicKey>> read_keys(Context& context, const std::string& path) {
  constexpr std::size_t kMaxKeyBytes = 1 << 20;
  const Result<std::string> text = read_file(context.files, path, kMaxKeyBytes);
  if (!text) {
    return fail(text.error());
  }
  std::vector<PublicKey> out;
  if (text->find("-----BEGIN") != std::string::npos) {
    Result<PublicKey> key = PublicKey::from_pem(*text);
    return key ? Result<std::vector<PublicKey>>({*std::move(key)}) : fail_at(path, key.error());
  }
  const Result<json::Parsed> parsed = json::parse(*text);
  if (parsed && json::find(parsed->value, {"kty"}) != nullptr) {
    Result<PublicKey> key = PublicKey::from_jwk(parsed->value);
    return key ? Result<std::vector<PublicKey>>({*std::move(key)}) : fail_at(path, key.error());
  }
  const Result<jose::JwkSet> set = jose::JwkSet::parse(*text);
  if (!set) {
    return fail_at(path, set.error());
  }
  for (const auto& [kid, key] : set->keys()) {
    out.push_back(key);
  }
  return out;
}

// Each "ISS=FILE": an issuer has "=" in its name rarely, a file more often; the first one parts.
Result<Keys> read_named_keys(Context& context, const std::vector<std::string>& given) {
  Keys out;
  for (const std::string& one : given) {
    const std::size_t at = one.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == one.size()) {
      return fail(Code::kInvalidParams, "\"" + one + "\": expected NAME=FILE");
    }
    Result<std::vector<PublicKey>> keys = read_keys(context, one.substr(at + 1));
    if (!keys) {
      return fail(keys.error());
    }
    std::vector<PublicKey>& own = out[one.substr(0, at)];
    own.insert(own.end(), keys->begin(), keys->end());
  }
  return out;
}

// A key is known by its thumbprint.
Result<PublicKey> find_key(const Keys& keys, std::string_view iss, std::string_view kid) {
  if (const auto found = keys.find(iss); found != keys.end()) {
    for (const PublicKey& key : found->second) {
      if (key.thumbprint() == kid) {
        return key;
      }
    }
  }
  return fail(Code::kNotFound,
              "no key " + std::string(kid) + " of " + std::string(iss) + " was given");
}

int verify(Context& context, const Asked& asked) {
  const Result<std::vector<std::string>> tokens = read_chain(context, asked.file);
  const Result<Keys> issuers =
      tokens ? read_named_keys(context, asked.issuers) : Result<Keys>(fail(tokens.error()));
  const Result<Keys> holders =
      issuers ? read_named_keys(context, asked.holders) : Result<Keys>(fail(issuers.error()));
  if (!holders) {
    return report_token(context, holders.error());
  }
  const acp::KeyFinder keys = [&](acp::Signer signer, std::string_view iss, std::string_view kid) {
    return find_key(signer == acp::Signer::kIssuer ? *issuers : *holders, iss, kid);
  };
  const Result<acp::Chain> chain =
      acp::verify_chain(*tokens, keys, asked.audience, context.clock.wall().seconds());
  if (!chain) {
    return report_token(context, chain.error());
  }
  tell_policy(context, tokens_of(chain->links), true);
  return kExitGood;
}

int show(Context& context, const Asked& asked) {
  const Result<std::vector<std::string>> tokens = read_chain(context, asked.file);
  const Result<std::vector<acp::Link>> links =
      tokens ? links_of(*tokens) : Result<std::vector<acp::Link>>(fail(tokens.error()));
  if (!links) {
    return report_token(context, links.error());
  }
  tell_policy(context, tokens_of(*links), false);
  return kExitGood;
}

}  // namespace

void add_rules_tokens(CLI::App& group, Context& context) {
  const auto issued = std::make_shared<Asked>();
  CLI::App* command =
      add_token_command(group, context, "issue", "Sign a policy token from its claims",
                        {"pawl rules issue policy.json --key-file operator.pem"}, issued, &issue);
  command->add_option("--key-file", issued->key_file,
                      "The issuer's key (default: DATA/operator.pem)");
  command->add_option("--seconds", issued->seconds, "How long it holds, where the file has no exp")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{10} * 365 * 24 * 3600));

  const auto narrower = std::make_shared<Asked>();
  command = add_token_command(
      group, context, "attenuate", "Hand a token on, narrower, with the holder's key",
      {"pawl rules attenuate chain.acp narrower.json --key-file agent.pem"}, narrower, &attenuate);
  command->add_option("narrowing", narrower->narrowing, "What is to be narrowed")
      ->type_name("FILE")
      ->required();
  command->add_option("--key-file", narrower->key_file, "The key of who holds the token")
      ->type_name("FILE")
      ->required();

  const auto verified = std::make_shared<Asked>();
  command = add_token_command(
      group, context, "verify", "Check a chain: signatures, times, and that nothing widens",
      {"pawl rules verify chain.acp --issuer https://orchestrator.example=issuer.jwk "
       "--holder spiffe://example.org/agent/a=a.jwk "
       "--audience spiffe://example.org/pawl/gw1"},
      verified, &verify);
  command->add_option("--issuer", verified->issuers, "Who may begin a chain, and the key")
      ->type_name("NAME=FILE")
      ->required();
  command->add_option("--holder", verified->holders, "Who may hand a token on, and the key")
      ->type_name("NAME=FILE");
  command->add_option("--audience", verified->audience, "Whom the token must be for")->required();

  add_token_command(group, context, "show",
                    "What a chain says; signatures and times are not checked",
                    {"pawl rules show chain.acp"}, std::make_shared<Asked>(), &show);
  add_rules_keyset(group, context);
}

}  // namespace pawl
