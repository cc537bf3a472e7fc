#include "operators/sign_in/account.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/crypto/password_hash.h"
#include "foundation/keys/accounts.h"
#include "operators/sign_in/file_node.h"
#include "operators/sign_in/totp.h"
#include "path/plugged.h"

namespace pawl::sign_in {
namespace {

using file_node::check_members;
using file_node::for_each;
using file_node::has;
using file_node::malformed;
using file_node::member;
using file_node::Node;
using file_node::number_of;
using file_node::text_of;

constexpr std::int64_t kFormat = 1;
constexpr json::Limits kLimits{
    .max_bytes = 16 * 1024 * 1024, .max_depth = 6, .max_members = 1'000'000};

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
      Result<Passkey> passkey = file_node::read_passkey(element);
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
    passkeys.emplace_back(print_passkey(passkey));
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
