#include "app/commands/rules_sign.h"

#include <ostream>

#include "app/commands/operator_signature.h"
#include "app/commands/rule_signature.h"
#include "app/commands/rules_check.h"
#include "app/commands/shown_text.h"
#include "foundation/keys/accounts.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxAccountBytes = 16u << 20;

struct Asked {
  std::string key_file, before;
  bool has_before = false;
};

// Accounts that cannot be read say nothing: whoever signs elsewhere has none here.
std::string doubt_about(Context& context, const DataFolder& folder, const std::string& kid) {
  const Result<std::string> text =
      read_file(context.files, folder.keys() + "/accounts.json", kMaxAccountBytes);
  const Result<Accounts> accounts = text ? Accounts::parse(*text) : fail(text.error());
  if (!accounts) {
    return "";
  }
  const Operator* person = find_operator(accounts->operators, kid);
  if (person == nullptr) {
    return "no operator with this key is enrolled here: run pawl init --operator NAME --key-file "
           "FILE there, then pawl rules reload";
  }
  return has_role(*person, kSetRole)
             ? ""
             : person->name + " has not the role admin: run pawl init --operator " + person->name +
                   " --key-file FILE, then pawl rules reload";
}

void tell(Context& context, const SignedRules& made, const std::string& doubt) {
  const SetStatement& said = made.statement;
  if (context.io.json) {
    json::Object out{{names::kSetName, said.name},
                     {names::kSetOwner, said.owner},
                     {names::kSetVersion, said.version},
                     {names::kSetDigest, said.digest},
                     {names::kSetBefore, said.before},
                     {"kid", made.kid},
                     {"file", made.file}};
    if (!doubt.empty()) {
      out["warning"] = doubt;
    }
    context.io.out << json::print(out) << '\n';
    return;
  }
  if (!doubt.empty()) {
    context.io.out << "warning: " << shown_text(doubt) << '\n';
  }
  context.io.out << "signed  " << said.name << "/" << said.version << " of "
                 << shown_text(said.owner) << ", digest " << said.digest << "\n"
                 << "follows " << (said.before.empty() ? "no signed set" : said.before) << "\n"
                 << "for     " << shown_text(said.audience) << "\n"
                 << "wrote   " << shown_text(made.file) << "\n"
                 << "next    pawl rules reload, or pawl serve\n";
}

int sign(Context& context, const std::vector<std::string>& files, const Asked& asked) {
  const Result<LoadedRules> rules = load_rules(context, files);
  if (!rules) {
    const Code code = rules.error().code;
    return report(context, rules.error(),
                  code == Code::kMalformed || code == Code::kUnsupported ? kExitBad : kExitUnclear);
  }
  const Result<DataFolder> folder = data_folder(context);
  const Result<std::string> instance = folder ? instance_of(context) : fail(folder.error());
  const Result<SigningKey> key =
      instance ? needed_operator_key(context, *folder, asked.key_file, "a set of rules")
               : Result<SigningKey>(fail(instance.error()));
  if (!key) {
    return report(context, key.error());
  }
  const Result<SignedRules> made =
      sign_rules(context, *rules, *folder, *instance, *key,
                 asked.has_before ? std::optional(asked.before) : std::nullopt);
  if (!made) {
    const Code code = made.error().code;
    return report(context, made.error(),
                  code == Code::kMalformed || code == Code::kConflict ? kExitBad : kExitUnclear);
  }
  tell(context, *made, doubt_about(context, *folder, made->kid));
  return kExitGood;
}

}  // namespace

void add_rules_sign(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "sign", "Sign a set of rules, so that it may take force; see rule_signatures",
      {"pawl rules sign", "pawl rules sign rules.yaml --key ~/.config/pawl/operator.pem"});
  auto files = add_rule_files(*command);
  auto asked = std::make_shared<Asked>();
  command
      ->add_option("--key,--key-file", asked->key_file,
                   "The operator's private key (default: DATA/operator.pem)")
      ->type_name("FILE");
  CLI::Option* before =
      command
          ->add_option("--before", asked->before,
                       "Digest of the signed set in force, empty for none (default: what DATA has)")
          ->type_name("DIGEST");
  on_run(*command, context, [&context, files, asked, before] {
    asked->has_before = before->count() > 0;
    return sign(context, *files, *asked);
  });
}

}  // namespace pawl
