#include "app/commands/account_command.h"

#include <algorithm>
#include <memory>
#include <ostream>

#include "app/commands/secret_input.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/daemon/account_store.h"
#include "foundation/crypto/password_hash.h"
#include "foundation/crypto/wipe.h"
#include "foundation/keys/accounts.h"
#include "operators/sign_in/totp.h"

namespace pawl {
namespace {

using sign_in::Account;
using sign_in::AccountList;

constexpr const char* kAddExample =
    "pawl account add ada --grant admin --grant operator@server:files < password.txt";
constexpr const char* kPasswdExample = "pawl account passwd ada < password.txt";

struct Asked {
  std::string name;
  std::vector<std::string> grants;
};

Result<std::string> read_password_hash(Context& context, std::string_view example) {
  Result<std::string> password = read_secret(context, example);
  if (!password) {
    return password;
  }
  const WipedAtEnd wiped(*password);
  if (password->size() < kMinPassword || password->size() > kMaxPassword) {
    return fail(Code::kInvalidParams, "a password has 12 to 512 bytes");
  }
  return hash_password(*password);
}

Result<std::vector<sign_in::Grant>> grants_of(const std::vector<std::string>& texts) {
  std::vector<sign_in::Grant> out;
  for (const std::string& text : texts) {
    Result<sign_in::Grant> grant = sign_in::parse_grant(text);
    if (!grant) {
      return fail(grant.error());
    }
    out.push_back(*std::move(grant));
  }
  return out.size() <= sign_in::kMostGrants
             ? Result<std::vector<sign_in::Grant>>(std::move(out))
             : fail(Code::kInvalidParams, "an account has at most 64 grants");
}

Result<Account> new_account(Context& context, const Asked& asked) {
  if (!is_account_name(asked.name)) {
    return fail(Code::kInvalidParams,
                "a name has 1 to 256 printable ASCII characters without space, quote or backslash");
  }
  Result<std::vector<sign_in::Grant>> grants = grants_of(asked.grants);
  Result<std::string> hash =
      grants ? read_password_hash(context, kAddExample) : fail(grants.error());
  if (!hash) {
    return fail(hash.error());
  }
  Account out;
  out.name = asked.name;
  out.grants = *std::move(grants);
  out.password_hash = *std::move(hash);
  out.totp = sign_in::Totp{context.random.bytes(sign_in::kTotpSecretBytes), 0};
  return out;
}

Status put_new(AccountList& list, const Account& account) {
  if (list.find(account.name) != nullptr) {
    return fail(Code::kConflict, "there is an account of this name");
  }
  if (list.accounts.size() >= AccountList::kMost) {
    return fail(Code::kOverloaded, "there are at most 1024 accounts");
  }
  list.accounts.push_back(account);
  return {};
}

int exit_of(const Error& error) {
  return error.code == Code::kInvalidParams || error.code == Code::kNotFound ? kExitUnclear
                                                                             : kExitBad;
}

int add(Context& context, const Asked& asked) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<Account> account =
      folder ? new_account(context, asked) : Result<Account>(fail(folder.error()));
  const Status added = account
                           ? AccountStore(context.files, *folder).change([&](AccountList& list) {
                               return put_new(list, *account);
                             })
                           : Status(fail(account.error()));
  if (!added) {
    return report(context, added.error(), exit_of(added.error()));
  }
  const std::string secret = sign_in::base32(account->totp->secret);
  const std::string url = sign_in::otpauth_url(account->totp->secret, account->name);
  if (context.io.json) {
    context.io.out << json::print(json::Object{
                          {"name", account->name}, {"secret", secret}, {"otpauth", url}})
                   << '\n';
  } else {
    context.io.out << labelled("added", shown_text(account->name)) << labelled("code", secret)
                   << labelled("as a link", url)
                   << "Put the code into an app for one-time codes now: it is not shown again.\n";
  }
  return kExitGood;
}

int passwd(Context& context, const Asked& asked) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<std::string> hash =
      folder ? read_password_hash(context, kPasswdExample) : fail(folder.error());
  const Status changed =
      hash ? AccountStore(context.files, *folder).change([&](AccountList& list) -> Status {
        Account* account = list.find(asked.name);
        if (account == nullptr) {
          return fail(Code::kNotFound, "no account of this name");
        }
        account->password_hash = *hash;
        return {};
      })
           : Status(fail(hash.error()));
  if (!changed) {
    return report(context, changed.error(), exit_of(changed.error()));
  }
  if (context.io.json) {
    context.io.out << json::print(json::Object{{"name", asked.name}, {"changed", true}}) << '\n';
  } else {
    context.io.out << labelled("changed", shown_text(asked.name));
  }
  return kExitGood;
}

int remove(Context& context, const Asked& asked) {
  const Result<DataFolder> folder = data_folder(context);
  const Status removed =
      folder ? AccountStore(context.files, *folder).change([&](AccountList& list) -> Status {
        const std::size_t gone = std::erase_if(
            list.accounts, [&](const Account& one) { return one.name == asked.name; });
        return gone > 0 ? Status() : fail(Code::kNotFound, "no account of this name");
      })
             : Status(fail(folder.error()));
  if (!removed) {
    return report(context, removed.error(), exit_of(removed.error()));
  }
  if (context.io.json) {
    context.io.out << json::print(json::Object{{"name", asked.name}, {"removed", true}}) << '\n';
  } else {
    context.io.out << labelled("removed", shown_text(asked.name))
                   << "Its open sessions end at once, and the daemon records that it is gone.\n";
  }
  return kExitGood;
}

std::string factors_of(const Account& account) {
  std::string out = account.totp ? "code" : "";
  if (!account.passkeys.empty()) {
    out += (out.empty() ? "" : ", ") + counted(account.passkeys.size(), "passkey");
  }
  return out.empty() ? "NO SECOND FACTOR: cannot sign in" : out;
}

int list(Context& context) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<AccountList> all =
      folder ? AccountStore(context.files, *folder).read() : fail(folder.error());
  if (!all) {
    return report(context, all.error(), kExitBad);
  }
  json::Array shown;
  for (const Account& account : all->accounts) {
    json::Array grants;
    std::string words;
    for (const sign_in::Grant& grant : account.grants) {
      grants.emplace_back(sign_in::print_grant(grant));
      words += (words.empty() ? "" : ", ") + sign_in::print_grant(grant);
    }
    json::Object one{{"name", account.name},
                     {"code", account.totp.has_value()},
                     {"passkeys", account.passkeys.size()}};
    one["grants"] = std::move(grants);
    shown.emplace_back(std::move(one));
    if (!context.io.json) {
      context.io.out << labelled(shown_text(account.name),
                                 shown_text(words) + "; " + factors_of(account));
    }
  }
  if (context.io.json) {
    json::Object out;
    out["accounts"] = std::move(shown);
    context.io.out << json::print(out) << '\n';
  } else if (all->accounts.empty()) {
    context.io.out << "no accounts\n";
  }
  return kExitGood;
}

}  // namespace

void add_account(CLI::App& root, Context& context) {
  CLI::App* group =
      add_group(root, "account", "People who sign in here with a password and a second factor",
                {"pawl account list", kAddExample});
  auto asked = std::make_shared<Asked>();
  const auto command_of = [&](const char* name, const char* what, const char* example,
                              int (*work)(Context&, const Asked&)) {
    CLI::App* command = add_command(*group, name, what, {example});
    command->add_option("name", asked->name, "The account's name")->type_name("NAME")->required();
    on_run(*command, context, [&context, asked, work] { return work(context, *asked); });
    return command;
  };
  command_of("add", "Make an account; its password comes on standard input", kAddExample, &add)
      ->add_option("--grant", asked->grants,
                   "viewer, operator, approver, auditor or admin, and @SCOPE where it is not for "
                   "all; several may be given")
      ->type_name("ROLE[@SCOPE]")
      ->required();
  command_of("passwd", "Change a password, which comes on standard input", kPasswdExample, &passwd);
  command_of("remove", "Remove an account", "pawl account remove ada", &remove);
  on_run(*add_command(*group, "list", "Who has an account, and what they may do",
                      {"pawl account list", "pawl account list --json"}),
         context, [&context] { return list(context); });
}

}  // namespace pawl
