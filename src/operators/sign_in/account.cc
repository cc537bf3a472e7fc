#include "operators/sign_in/account.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/crypto/password_hash.h"
#include "foundation/keys/accounts.h"
#include "operators/sign_in/totp.h"
#include "path/plugged.h"

namespace pawl::sign_in {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr json::Limits kLimits{
    .max_bytes = 16 * 1024 * 1024, .max_depth = 6, .max_members = 1'000'000};

// A value of the file and its JSON Pointer, for messages.
struct Node {
  const json::Value* value;
  std::string at;
};

tl::unexpected<Error> malformed(const Node& node, std::string_view expected) {
  return fail(Code::kMalformed, (node.at.empty() ? "the whole text" : node.at) + ": expected " +
                                    std::string(expected));
}

// The members of an object: those of `needed`, those of `more` where they are, and no others.
Status check_members(const Node& node, std::initializer_list<std::string_view> needed,
                     std::initializer_list<std::string_view> more = {}) {
  const json::Object* object = node.value->if_object();
  std::size_t known = 0;
  bool fits = object != nullptr;
  std::string list;
  for (const std::string_view name : needed) {
    list += (list.empty() ? "" : ", ") + std::string(name);
    fits = fits && object->contains(name);
    ++known;
  }
  for (const std::string_view name : more) {
    known += fits && object->contains(name) ? 1 : 0;
  }
  return fits && object->size() == known ? Status()
                                         : malformed(node, "an object with exactly " + list);
}

Node member(const Node& node, std::string_view name) {
  return {&node.value->get_object().at(name), node.at + "/" + std::string(name)};
}

bool has(const Node& node, std::string_view name) {
  return node.value->get_object().contains(name);
}

template <class Read>
Status for_each(const Node& node, std::size_t most, Read read) {
  const json::Array* array = node.value->if_array();
  if (array == nullptr || array->size() > most) {
    return malformed(node, "an array of at most " + std::to_string(most));
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    if (Status status = read(Node{&(*array)[i], node.at + "/" + std::to_string(i)}); !status) {
      return status;
    }
  }
  return {};
}

Result<std::string> text_of(const Node& node) {
  return node.value->is_string() ? Result<std::string>(std::string(node.value->get_string()))
                                 : malformed(node, "a string");
}

Result<std::int64_t> number_of(const Node& node, std::int64_t most) {
  const std::int64_t* number = node.value->if_int64();
  return number != nullptr && *number >= 0 && *number <= most
             ? Result<std::int64_t>(*number)
             : malformed(node, "an integer from 0 to " + std::to_string(most));
}

Result<Totp> read_totp(const Node& node) {
  if (Status status = check_members(node, {"secret", "used"}); !status) {
    return fail(status.error());
  }
  const Result<std::string> text = text_of(member(node, "secret"));
  Result<std::string> secret = text ? base64url_decode(*text) : text;
  const Result<std::int64_t> used =
      number_of(member(node, "used"), std::numeric_limits<std::int64_t>::max());
  if (!secret || secret->size() != kTotpSecretBytes) {
    return malformed(member(node, "secret"), "20 bytes in base64url");
  }
  return used ? Result<Totp>(Totp{*std::move(secret), *used}) : fail(used.error());
}

Result<Passkey> read_passkey(const Node& node) {
  if (Status status = check_members(node, {"credential", "rp", "key", "counter"}); !status) {
    return fail(status.error());
  }
  const Result<std::string> credential = text_of(member(node, "credential"));
  const Result<std::string> rp = text_of(member(node, "rp"));
  const Result<PublicKey> key = PublicKey::from_jwk(*member(node, "key").value);
  const Result<std::int64_t> counter =
      number_of(member(node, "counter"), std::numeric_limits<std::uint32_t>::max());
  const Result<std::string> id = credential ? base64url_decode(*credential) : credential;
  if (!id || id->empty() || id->size() > kMaxCredentialId || !rp || rp->empty()) {
    return malformed(node, "a credential in base64url, and its rp");
  }
  if (!key || (key->kind() != KeyKind::kP256 && key->kind() != KeyKind::kEd25519)) {
    return malformed(member(node, "key"), "a public JWK of P-256 or Ed25519");
  }
  return counter ? Result<Passkey>(
                       Passkey{*credential, *rp, *key, static_cast<std::uint32_t>(*counter)})
                 : fail(counter.error());
}

Status read_grants(const Node& node, std::vector<Grant>& out) {
  Status status = for_each(node, kMostGrants, [&](const Node& element) -> Status {
    const Result<std::string> text = text_of(element);
    Result<Grant> grant = text ? parse_grant(*text) : fail(text.error());
    if (!grant) {
      return malformed(element, "a grant: " + grant.error().message);
    }
    out.push_back(*std::move(grant));
    return {};
  });
  return status && out.empty() ? malformed(node, "at least one grant") : status;
}

Result<Account> read_account(const Node& node) {
  if (Status status = check_members(node, {"name", "grants", "password"}, {"totp", "passkeys"});
      !status) {
    return fail(status.error());
  }
  Account out;
  out.name = text_of(member(node, "name")).value_or("");
  out.password_hash = text_of(member(node, "password")).value_or("");
  if (!is_account_name(out.name)) {
    return malformed(member(node, "name"), "a name of printable ASCII without space");
  }
  if (!is_password_hash(out.password_hash)) {
    return malformed(member(node, "password"), "a hash by Argon2id, of a cost that is bearable");
  }
  Status status = read_grants(member(node, "grants"), out.grants);
  if (status && has(node, "totp")) {
    Result<Totp> totp = read_totp(member(node, "totp"));
    status = totp ? Status() : fail(totp.error());
    out.totp = totp ? std::optional(*std::move(totp)) : std::nullopt;
  }
  if (status && has(node, "passkeys")) {
    status = for_each(member(node, "passkeys"), Account::kMostPasskeys, [&](const Node& element) {
      Result<Passkey> passkey = read_passkey(element);
      return passkey ? (out.passkeys.push_back(*std::move(passkey)), Status())
                     : Status(fail(passkey.error()));
    });
  }
  return status ? Result<Account>(std::move(out)) : fail(status.error());
}

std::string print_account(const Account& account) {
  json::Array grants;
  for (const Grant& grant : account.grants) {
    grants.emplace_back(print_grant(grant));
  }
  json::Object out{{"name", account.name}};
  out["grants"] = std::move(grants);
  out["password"] = account.password_hash;
  if (account.totp) {
    out["totp"] = json::Object{{"secret", base64url_encode(account.totp->secret)},
                               {"used", account.totp->used_step}};
  }
  json::Array passkeys;
  for (const Passkey& passkey : account.passkeys) {
    json::Object one{{"credential", passkey.credential}, {"rp", passkey.rp_id}};
    one["key"] = json::parse(passkey.key.to_jwk())->value;  // our own text
    one["counter"] = passkey.counter;
    passkeys.emplace_back(std::move(one));
  }
  if (!passkeys.empty()) {
    out["passkeys"] = std::move(passkeys);
  }
  return json::print(out);
}

tl::unexpected<Error> refuse() {
  return fail(Code::kUnauthenticated, "sign-in: the second factor is missing or wrong");
}

Result<Account> by_passkey(Account account, const SecondFactor& shown, const RelyingParty& party) {
  for (Passkey& passkey : account.passkeys) {
    if (passkey.credential != shown.assertion->credential) {
      continue;
    }
    const Result<Verified> good =
        verify_assertion(*shown.assertion, passkey, shown.challenge, party);
    if (!good) {
      return refuse();
    }
    passkey.counter = good->counter;
    return account;
  }
  return refuse();
}

}  // namespace

Result<AccountList> AccountList::parse(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text, kLimits);
  if (!parsed) {
    return fail(Code::kMalformed, parsed.error().message);
  }
  const Node root{&parsed->value, ""};
  if (Status status = check_members(root, {"format", "accounts"}); !status) {
    return fail(status.error());
  }
  if (*member(root, "format").value != json::Value(kFormat)) {
    return malformed(member(root, "format"), "1");
  }
  AccountList out;
  std::set<std::string> credentials;
  Status status = for_each(member(root, "accounts"), kMost, [&](const Node& element) -> Status {
    Result<Account> account = read_account(element);
    if (!account) {
      return fail(account.error());
    }
    if (out.find(account->name) != nullptr) {
      return malformed(element, "a name that is not taken above");
    }
    for (const Passkey& passkey : account->passkeys) {
      if (!credentials.insert(passkey.credential).second) {
        return malformed(element, "a credential that does not stand above");
      }
    }
    out.accounts.push_back(*std::move(account));
    return {};
  });
  return status ? Result<AccountList>(std::move(out)) : fail(status.error());
}

// The accounts one a line, so that a person can read and compare the file.
std::string AccountList::print() const {
  std::string text = "{\n  \"format\": " + std::to_string(kFormat) + ",\n  \"accounts\": [";
  for (const Account& account : accounts) {
    text += (text.ends_with('[') ? "\n    " : ",\n    ") + print_account(account);
  }
  return text + (accounts.empty() ? "]" : "\n  ]") + "\n}\n";
}

const Account* AccountList::find(std::string_view name) const {
  const auto at = std::find_if(accounts.begin(), accounts.end(),
                               [name](const Account& one) { return one.name == name; });
  return at == accounts.end() ? nullptr : &*at;
}

Account* AccountList::find(std::string_view name) {
  return const_cast<Account*>(std::as_const(*this).find(name));
}

Result<Account> check_second_factor(const Account& account, const SecondFactor& shown,
                                    const RelyingParty& party, std::int64_t now_s) {
  if (!plugged(ControlId::kSecondFactor)) {
    return account;
  }
  if (shown.assertion) {
    return by_passkey(account, shown, party);
  }
  const std::optional<std::int64_t> step =
      account.totp ? check_code(account.totp->secret, shown.code, now_s, account.totp->used_step)
                   : std::nullopt;
  if (!step) {
    return refuse();
  }
  Account out = account;
  out.totp->used_step = *step;
  return out;
}

}  // namespace pawl::sign_in
