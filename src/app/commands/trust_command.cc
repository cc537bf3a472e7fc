#include "app/commands/trust_command.h"

#include <algorithm>
#include <ostream>

#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/trust_store.h"
#include "base/os/file_mode.h"
#include "foundation/ledger/note.h"
#include "foundation/ledger/renewal.h"

namespace pawl {
namespace {

struct Asked {
  std::string path, expect, out;
  std::vector<std::string> pages;
  bool print = false;
  bool replace = false;
};

bool has_all(const jose::JwkSet& set, const jose::JwkSet& of) {
  return std::all_of(of.keys().begin(), of.keys().end(), [&](const auto& one) {
    const PublicKey* key = set.find(one.first);
    return key != nullptr && key->thumbprint() == one.second.thumbprint();
  });
}

bool has_same(const jose::JwkSet& a, const jose::JwkSet& b) {
  return has_all(a, b) && has_all(b, a);
}

// The pinned keys, and besides them only record keys that the log let begin, signed by a key that
// is not suspect. `report`: of the log, with the pin.
bool go_on_from(const ledger::Trust& fresh, const ledger::Trust& pinned,
                const ledger::Report& report) {
  const bool same_others =
      fresh.log_vkey == pinned.log_vkey && has_same(fresh.operator_keys, pinned.operator_keys);
  return same_others && report.verdict == ledger::Verdict::kGood &&
         has_all(fresh.token_keys, pinned.token_keys) &&
         std::all_of(fresh.token_keys.keys().begin(), fresh.token_keys.keys().end(),
                     [&](const auto& one) {
                       return pinned.token_keys.find(one.first) != nullptr ||
                              report.keys.find(one.second.thumbprint()) != nullptr;
                     });
}

// An evidence file (size 0) is of no time.
bool is_older(const ledger::Trust& fresh, const ledger::Trust& pinned) {
  return fresh.log_vkey == pinned.log_vkey && fresh.pinned_size > 0 &&
         fresh.pinned_size < pinned.pinned_size;
}

// What was pinned before stays true: the same keys or such as they let begin, and a log that
// extends the pinned head.
Status compare_with_pin(Context& context, const Asked& asked, const ledger::Trust& fresh,
                        const ledger::Trust& pinned) {
  const ledger::Report report = ledger::verify_folder(context.files, asked.path, pinned);
  if (is_older(fresh, pinned)) {  // also where the keys changed since: no case for --replace
    return report.verdict == ledger::Verdict::kBad
               ? Status(fail(Code::kBadSignature, report.reason))
               : Status(fail(Code::kUndecidable, asked.path + ": its head of size " +
                                                     std::to_string(fresh.pinned_size) +
                                                     " is older than your pin (" +
                                                     std::to_string(pinned.pinned_size) +
                                                     "), which stays: export anew"));
  }
  if (fingerprint(pinned) != fingerprint(fresh) && !go_on_from(fresh, pinned, report)) {
    return fail(Code::kBadSignature, "other keys were pinned for this log before (" +
                                         fingerprint(pinned) +
                                         "); if that is known to be right, pin with --replace");
  }
  return report.verdict == ledger::Verdict::kBad ? Status(fail(Code::kBadSignature, report.reason))
                                                 : Status{};
}

// The newest pin of an earlier log of the same instance: each renewal gives the log another name,
// and a name that was never seen must not make its keys those of the instance.
Result<std::optional<ledger::Trust>> pin_of_an_earlier_log(Context& context,
                                                           const ledger::Trust& trust) {
  const ledger::LogName name = ledger::log_name(origin_of_vkey(trust.log_vkey));
  for (std::uint64_t number = name.number; number > 1; --number) {
    Result<std::optional<ledger::Trust>> pinned =
        pinned_trust(context, ledger::log_origin(name.first_origin, number - 1));
    if (!pinned || *pinned) {
      return pinned;
    }
  }
  return std::optional<ledger::Trust>();
}

Status compare_with_earlier_log(Context& context, const ledger::Trust& fresh) {
  const Result<std::optional<ledger::Trust>> earlier = pin_of_an_earlier_log(context, fresh);
  if (!earlier) {
    return fail(earlier.error());
  }
  if (!*earlier) {
    return {};
  }
  const auto log_key = [](const ledger::Trust& trust) {
    const Result<ledger::VerifierKey> key = ledger::VerifierKey::parse(trust.log_vkey);
    return key ? key->key.thumbprint() : std::string();
  };
  const bool is_same = !log_key(fresh).empty() && log_key(fresh) == log_key(**earlier) &&
                       has_same(fresh.token_keys, (*earlier)->token_keys) &&
                       has_same(fresh.operator_keys, (*earlier)->operator_keys);
  return is_same
             ? Status{}
             : Status(fail(Code::kBadSignature,
                           "other keys were pinned for " + origin_of_vkey((*earlier)->log_vkey) +
                               ", an earlier log of this instance (" + fingerprint(**earlier) +
                               ", in " +
                               pin_path(context.environment, origin_of_vkey((*earlier)->log_vkey))
                                   .value_or("") +
                               "); if that is known to be right, pin with --replace"));
}

// Whoever replaces may mean it; what is lost by it is said.
void warn_of_older(Context& context, const std::string& place, const ledger::Trust& fresh) {
  const Result<ledger::Trust> pinned = read_trust(context.files, place);
  if (!pinned || !is_older(fresh, *pinned)) {
    return;
  }
  const bool drops_keys = !has_all(fresh.token_keys, pinned->token_keys) ||
                          !has_all(fresh.operator_keys, pinned->operator_keys);
  context.io.err << "warning: the pinned head goes back from " << pinned->pinned_size << " to "
                 << fresh.pinned_size
                 << (drops_keys ? ", and keys that were pinned are dropped" : "")
                 << "; what replaced the entries after it would not be noticed\n";
}

std::string pages_line(const ledger::Trust& trust) {
  std::string out;
  for (const ledger::RelyingParty& one : trust.relying_parties) {
    out += (out.empty() ? "" : ", ") + shown_text(one.origin);
  }
  return out.empty() ? "" : labelled("passkeys of", out);
}

void tell(Context& context, const ledger::Trust& trust, const std::string& path) {
  if (context.io.json) {
    json::Object out{{"log", trust.log_vkey},
                     {"fingerprint", fingerprint(trust)},
                     {"token_keys", trust.token_keys.size()},
                     {"operator_keys", trust.operator_keys.size()},
                     {"size", trust.pinned_size},
                     {"relying_parties", trust.relying_parties.size()},
                     {"file", path}};
    context.io.out << json::print(out) << '\n';
    return;
  }
  context.io.out << labelled("log", shown_text(trust.log_vkey))
                 << labelled("token keys", std::to_string(trust.token_keys.size()))
                 << labelled("operator keys", std::to_string(trust.operator_keys.size()))
                 << pages_line(trust)
                 << labelled("head", "size " + std::to_string(trust.pinned_size))
                 << labelled("fingerprint", fingerprint(trust)) << labelled("pinned in", path)
                 << "Compare the fingerprint with the one that the log's operator tells you by "
                    "another way.\n";
}

Result<std::string> place_of(Context& context, const Asked& asked, const ledger::Trust& trust) {
  if (!asked.out.empty()) {
    return asked.out;
  }
  return pin_path(context.environment, origin_of_vkey(trust.log_vkey));
}

// What a folder does not say: --rp, else what the verifier said when the log was pinned before.
Status add_parties(Context& context, const Asked& asked, const std::string& place,
                   ledger::Trust& trust) {
  for (const std::string& page : asked.pages) {
    const Result<ledger::RelyingParty> party = ledger::relying_party_at(page);
    if (!party) {
      return fail(Code::kInvalidParams, "--rp " + party.error().message);
    }
    trust.relying_parties.push_back(*party);
  }
  const Result<ledger::Trust> before = read_trust(context.files, place);
  if (before && asked.pages.empty()) {
    trust.relying_parties = before->relying_parties;
  }
  return {};
}

// The keys of a data folder are read by their owner only, and not by root for them.
Error with_advice(const Error& why, const std::string& path) {
  const std::string user = other_owner(path);
  const bool helps = !user.empty() && (why.code == Code::kForbidden || why.code == Code::kIo);
  return helps ? Error{why.code,
                       why.message + "; pin as that user, into a file that you name: sudo -u '" +
                           user + "' pawl trust pin --print '" + path +
                           "' >pawl.trust, then pawl verify --trust pawl.trust; or pin an export"}
               : why;
}

int pin(Context& context, const Asked& asked) {
  std::string path = asked.path;
  if (path.empty()) {
    const Result<DataFolder> folder = data_folder(context);
    if (!folder) {
      return report(context, folder.error());
    }
    path = folder->root;
  }
  std::optional<ledger::Trust> keys = keys_of_evidence(context.files, path);
  const bool has_head = !keys;
  Result<ledger::Trust> trust =
      keys ? Result<ledger::Trust>(*std::move(keys)) : trust_of(context.files, path);
  if (trust && has_head) {
    trust->pinned_at_s = context.clock.wall().seconds();
  }
  if (!trust) {
    return report(context, with_advice(trust.error(), path),
                  trust.error().code == Code::kBadSignature ? kExitBad : kExitUnclear);
  }
  if (!asked.expect.empty() && asked.expect != trust->log_vkey &&
      asked.expect != fingerprint(*trust)) {
    return report(context,
                  {Code::kBadSignature, path + ": not the expected keys; found " + trust->log_vkey +
                                            ", " + fingerprint(*trust)},
                  kExitBad);
  }
  const Result<std::string> place = place_of(context, asked, *trust);
  if (!place && !asked.print) {
    return report(context, place.error());
  }
  if (Status added = add_parties(context, asked, place.value_or(""), *trust); !added) {
    return report(context, added.error());
  }
  if (asked.print) {
    context.io.out << ledger::print_trust(*trust);
    return kExitGood;
  }
  // A file of its own (-o) is compared with what it holds, and with no other pin.
  if (asked.out.empty() && !context.files.exists(*place) && !asked.replace &&
      asked.expect.empty()) {
    if (Status same = compare_with_earlier_log(context, *trust); !same) {
      return report(context, same.error(), kExitBad);
    }
  }
  if (context.files.exists(*place) && !asked.replace) {
    const Result<ledger::Trust> before = read_trust(context.files, *place);
    Asked at = asked;
    at.path = path;
    const Status same =
        before ? compare_with_pin(context, at, *trust, *before) : Status(fail(before.error()));
    if (!same) {
      const bool is_only_old = same.error().code == Code::kUndecidable;
      return report(context, same.error(), is_only_old ? kExitUnclear : kExitBad);
    }
    if (!has_head) {  // what is pinned has these keys, and may have a head
      tell(context, *before, *place);
      return kExitGood;
    }
  }
  if (asked.replace) {
    warn_of_older(context, *place, *trust);
  }
  if (Status stored = store_pin(context, *place, *trust); !stored) {
    return report(context, stored.error(), kExitBad);
  }
  tell(context, *trust, *place);
  return kExitGood;
}

}  // namespace

void add_trust(CLI::App& root, Context& context) {
  CLI::App* group =
      add_group(root, "trust", "Decide whose signatures count", {"pawl trust pin ./pawl-data"});
  CLI::App* command = add_command(
      *group, "pin", "Keep the public keys and the newest head of a log, for `pawl verify`",
      {"pawl trust pin", "pawl trust pin bundle", "pawl trust pin --print"});
  auto asked = std::make_shared<Asked>();
  command
      ->add_option("path", asked->path,
                   "Data folder, bundle or evidence file (default: the data folder)")
      ->type_name("PATH");
  command->add_option("--expect", asked->expect, "Fail unless the log has this key or fingerprint")
      ->type_name("VKEY|FINGERPRINT");
  command
      ->add_option("--rp", asked->pages,
                   "Where people approve with passkeys; left out: as pinned before; repeatable")
      ->type_name("ORIGIN");
  command->add_option("-o", asked->out, "Write the trust file here instead")->type_name("FILE");
  command->add_flag("--print", asked->print, "Write the trust file to standard output");
  command->add_flag("--replace", asked->replace, "Replace other keys that were pinned before");
  on_run(*command, context, [&context, asked] { return pin(context, *asked); });
}

}  // namespace pawl
