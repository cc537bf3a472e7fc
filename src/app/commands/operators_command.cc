#include "app/commands/operators_command.h"

#include <algorithm>
#include <memory>
#include <ostream>

#include "app/commands/operator_list.h"
#include "app/commands/operator_signature.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "operators/approval/enrollment_wire.h"

namespace pawl {
namespace {

using approval::Enrollment;
using approval::EnrollmentVerb;

struct OperatorFlags {
  std::string name;
  std::string key_file;     // of who is enrolled: the private one
  std::string public_file;  // or the public one
  std::string by_key_file;  // of who signs
  std::string kid;
  std::string passkey;  // kid of one that its account has
  std::vector<std::string> roles;
  bool bootstrap = false;
};

int told(Context& context, const Error& error) {
  const bool is_unclear = error.code == Code::kUpstreamUnavailable ||
                          error.code == Code::kNotFound || error.code == Code::kInvalidParams;
  return report(context, error, is_unclear ? kExitUnclear : kExitBad);
}

std::string words(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ",") + shown_text(name);
  }
  return out;
}

// Who it is for the provider: their name could be somebody else's, too.
std::string at(const PasskeyCandidate& one) {
  return "subject " + shown_text(one.subject) + " of " + shown_text(one.issuer);
}

int list(Context& context) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<json::Value> answer =
      folder ? ask_operators(context, *folder) : Result<json::Value>(fail(folder.error()));
  const Result<OperatorList> people =
      answer ? read_operator_list(*answer) : Result<OperatorList>(fail(answer.error()));
  if (!people) {
    return told(context, people.error());
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
    return kExitGood;
  }
  for (const EnrolledKey& one : people->keys) {
    context.io.out << labelled(shown_text(one.name), words(one.roles) + "  key " +
                                                         shown_text(one.kid) +
                                                         (one.has_passkey ? ", a passkey" : "") +
                                                         (one.is_revoked ? ", REVOKED" : ""));
  }
  for (const PasskeyCandidate& one : people->candidates) {
    context.io.out << labelled("not enrolled", shown_text(one.account) + "  passkey " + one.kid +
                                                   (one.issuer.empty() ? "" : ", " + at(one)));
  }
  if (people->keys.empty()) {
    context.io.out << (people->founded
                           ? "nobody is enrolled any more, and there is no second first one\n"
                           : "nobody is enrolled yet: pawl operators enroll NAME --bootstrap "
                             "--roles admin,approver --key FILE\n");
  }
  return kExitGood;
}

// ---- to change ----

Result<OperatorList> enrolled_now(Context& context, const DataFolder& folder) {
  const Result<json::Value> answer = ask_operators(context, folder);
  return answer ? read_operator_list(*answer) : Result<OperatorList>(fail(answer.error()));
}

Result<PublicKey> public_key_of(Context& context, const OperatorFlags& flags) {
  if (flags.public_file.empty()) {
    const Result<SigningKey> own = load_operator_key(context.files, flags.key_file);
    return own ? Result<PublicKey>(own->public_key()) : fail(own.error());
  }
  constexpr std::size_t kMaxKeyBytes = 64 * 1024;
  const Result<std::string> text = read_file(context.files, flags.public_file, kMaxKeyBytes);
  if (!text) {
    return fail(text.error());
  }
  const Result<json::Parsed> jwk = json::parse(*text);
  Result<PublicKey> key = jwk ? PublicKey::from_jwk(jwk->value) : PublicKey::from_pem(*text);
  if (key && key->kind() == KeyKind::kP256) {
    return key;
  }
  return fail(Code::kInvalidParams,
              flags.public_file + ": expected a public key, EC on P-256, as PEM or JWK");
}

Enrollment about(Context& context, const OperatorFlags& flags, EnrollmentVerb verb) {
  Enrollment out;
  out.verb = verb;
  out.operator_name = flags.name;
  out.kid = flags.kid;
  out.id = Uuid::v7(context.clock.wall(), context.random);
  out.iat = context.clock.wall().seconds();
  out.exp = out.iat + kStatementSeconds;
  return out;
}

Result<json::Value> send(Context& context, const DataFolder& folder, Enrollment said,
                         const std::string& told_instance, const SigningKey& key) {
  Result<std::string> instance = addressed_instance(context, told_instance);
  if (!instance) {
    return fail(instance.error());
  }
  said.audience = *std::move(instance);
  const Result<std::string> token = approval::sign_enrollment(std::move(said), key);
  return token ? ask_operators(context, folder, json::print(json::Object{{"statement", *token}}))
               : Result<json::Value>(fail(token.error()));
}

// Signed by somebody who is enrolled: --by-key, else DATA/operator.pem.
Result<json::Value> send_by_admin(Context& context, const DataFolder& folder,
                                  const OperatorFlags& flags, Enrollment said) {
  const Result<SigningKey> key =
      needed_operator_key(context, folder, flags.by_key_file, "an enrollment");
  const Result<OperatorList> people =
      key ? enrolled_now(context, folder) : Result<OperatorList>(fail(key.error()));
  const Result<EnrolledKey> by = people ? enrolled_as(*people, key->public_key().thumbprint(), "")
                                        : Result<EnrolledKey>(fail(people.error()));
  if (!by) {
    return fail(by.error());
  }
  const bool is_admin =
      std::find(by->roles.begin(), by->roles.end(), approval::kAdminRole) != by->roles.end();
  if (!is_admin) {
    return fail(Code::kForbidden, by->name + " is no admin: an admin's key signs (--by-key FILE)");
  }
  said.by_operator = by->name;
  return send(context, folder, std::move(said), people->instance, *key);
}

Status check_flags(const OperatorFlags& flags) {
  if (flags.bootstrap) {
    return flags.key_file.empty() || !flags.public_file.empty() || !flags.by_key_file.empty() ||
                   !flags.passkey.empty()
               ? Status(fail(Code::kInvalidParams,
                             "--bootstrap: the first operator signs with the key that is enrolled: "
                             "--key FILE, without --public-key and --by-key"))
               : Status();
  }
  const auto sources = {&flags.key_file, &flags.public_file, &flags.passkey};
  if (std::count_if(sources.begin(), sources.end(),
                    [](const std::string* one) { return !one->empty(); }) != 1) {
    return fail(Code::kInvalidParams,
                "whose key? give --public-key FILE, --key FILE or --passkey KID");
  }
  return flags.roles.empty()
             ? Status(fail(Code::kInvalidParams, "in which roles? give --roles approver,..."))
             : Status();
}

// What the person made in the browser; who signs has heard its name from them by another way.
Result<json::Value> enrolled_passkey(Context& context, const DataFolder& folder,
                                     const OperatorFlags& flags) {
  const Result<OperatorList> people = enrolled_now(context, folder);
  Result<PasskeyCandidate> found = people ? candidate_of(*people, flags.passkey, flags.name)
                                          : Result<PasskeyCandidate>(fail(people.error()));
  if (!found) {
    return fail(found.error());
  }
  if (!context.io.json) {
    context.io.out << labelled("passkey", found->kid)
                   << labelled("made at", shown_text(found->passkey.rp_id));
    if (!found->issuer.empty()) {
      context.io.out << labelled("made by", at(*found));
    }
  }
  Enrollment said = about(context, flags, EnrollmentVerb::kEnroll);
  said.key = std::move(found->key);
  said.passkey = std::move(found->passkey);
  said.roles = flags.roles;
  return send_by_admin(context, folder, flags, std::move(said));
}

Result<json::Value> enrolled(Context& context, const OperatorFlags& flags) {
  if (Status good = check_flags(flags); !good) {
    return fail(good.error());
  }
  const Result<DataFolder> folder = data_folder(context);
  if (folder && !flags.passkey.empty()) {
    return enrolled_passkey(context, *folder, flags);
  }
  Result<PublicKey> key =
      folder ? public_key_of(context, flags) : Result<PublicKey>(fail(folder.error()));
  if (!key) {
    return fail(key.error());
  }
  Enrollment said = about(context, flags, EnrollmentVerb::kEnroll);
  said.key = *std::move(key);
  said.roles = flags.roles;
  if (!flags.bootstrap) {
    return send_by_admin(context, *folder, flags, std::move(said));
  }
  const Result<OperatorList> people = enrolled_now(context, *folder);
  if (!people) {
    return fail(people.error());
  }
  if (people->founded) {
    return fail(Code::kConflict,
                "the first operator was enrolled already (pawl operators list); an admin enrolls "
                "others: --by-key FILE instead of --bootstrap");
  }
  said.bootstrap = true;
  said.by_operator = flags.name;
  if (std::find(said.roles.begin(), said.roles.end(), approval::kAdminRole) == said.roles.end()) {
    said.roles.insert(said.roles.begin(), std::string(approval::kAdminRole));
  }
  const Result<SigningKey> own = load_operator_key(context.files, flags.key_file);
  return own ? send(context, *folder, std::move(said), people->instance, *own)
             : Result<json::Value>(fail(own.error()));
}

Result<json::Value> removed(Context& context, const OperatorFlags& flags) {
  const Result<DataFolder> folder = data_folder(context);
  return folder ? send_by_admin(context, *folder, flags,
                                about(context, flags, EnrollmentVerb::kRemove))
                : Result<json::Value>(fail(folder.error()));
}

int tell(Context& context, const Result<json::Value>& answer, const char* what) {
  if (!answer) {
    return told(context, answer.error());
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << "\n";
    return kExitGood;
  }
  const auto text = [&](std::string_view name) {
    return shown_text(json::find_string(*answer, {name}).value_or(""));
  };
  const std::string kid = text("kid");
  context.io.out << labelled(what, text("operator") + (kid.empty() ? "" : ", key " + kid))
                 << labelled("record", text("record"));
  return kExitGood;
}

void add_by_key(CLI::App& command, OperatorFlags& flags) {
  command
      .add_option("--by-key", flags.by_key_file,
                  "The key of the admin who signs (default: DATA/operator.pem)")
      ->type_name("FILE");
}

}  // namespace

void add_operators(CLI::App& root, Context& context) {
  CLI::App* group =
      add_group(root, "operators", "See and change who may decide on held calls",
                {"pawl operators list",
                 "pawl operators enroll ada --bootstrap --roles admin,approver --key ada.pem"});
  auto flags = std::make_shared<OperatorFlags>();
  CLI::App* listing = add_command(*group, "list", "Who is enrolled, with which key and roles",
                                  {"pawl operators list", "pawl operators list --json"});
  on_run(*listing, context, [&context] { return list(context); });

  CLI::App* enrolling = add_command(
      *group, "enroll", "Enroll somebody, or give a key other roles; signed by an admin",
      {"pawl operators enroll ada --bootstrap --roles admin,approver --key ada.pem",
       "pawl operators enroll bob --roles approver --public-key bob.pub --by-key ada.pem",
       "pawl operators enroll bob --roles approver --by-key ada.pem --passkey "
       "TAMm-WnkXmdcRoARGXjt1QCqbLEC215dKeMzdIgldlI"});
  enrolling->add_option("name", flags->name, "Who it is, as records and others read it")
      ->required();
  enrolling->add_option("--roles", flags->roles, "approver,... as rules name them; admin: enrolls")
      ->delimiter(',');
  enrolling->add_option("--public-key", flags->public_file, "Their public key, PEM or JWK")
      ->type_name("FILE");
  enrolling
      ->add_option("--key", flags->key_file, "Or their key file, of which the public part goes")
      ->type_name("FILE");
  enrolling
      ->add_option("--passkey", flags->passkey,
                   "Or a passkey of their account: its name as their browser showed it")
      ->type_name("KID");
  add_by_key(*enrolling, *flags);
  enrolling->add_flag("--bootstrap", flags->bootstrap,
                      "The first one of this ledger, who becomes admin and signs with --key");
  on_run(*enrolling, context,
         [&context, flags] { return tell(context, enrolled(context, *flags), "enrolled"); });

  CLI::App* removing =
      add_command(*group, "remove", "Remove somebody, or one key of theirs; signed by an admin",
                  {"pawl operators remove bob --by-key ada.pem",
                   "pawl operators remove bob --kid TAMm-WnkXmdcRoARGXjt1QCqbLEC215dKeMzdIgldlI"});
  removing->add_option("name", flags->name, "Who")->required();
  removing->add_option("--kid", flags->kid, "Only this key, as `pawl operators list` names it");
  add_by_key(*removing, *flags);
  on_run(*removing, context,
         [&context, flags] { return tell(context, removed(context, *flags), "removed"); });
}

}  // namespace pawl
