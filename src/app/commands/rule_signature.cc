#include "app/commands/rule_signature.h"

#include "app/daemon/kept_rules.h"
#include "app/daemon/rule_files.h"
#include "base/os/file_mode.h"

namespace pawl {
namespace {

// What the signed set that took force last here says of itself. The daemon judges; this only saves
// a person from signing what it would refuse.
Result<std::optional<SetStatement>> signed_before(Context& context, const DataFolder& folder) {
  const Result<std::optional<KeptRules>> kept =
      read_kept_rules(context.files, folder.rules_in_force());
  if (!kept) {
    return fail(kept.error());
  }
  if (!*kept) {
    return std::optional<SetStatement>();
  }
  const Result<jose::Jws> jws = jose::decode((*kept)->signature, kMaxSetTokenBytes);
  Result<SetStatement> said = jws ? read_set_statement(*jws) : fail(jws.error());
  return said ? Result<std::optional<SetStatement>>(*std::move(said))
              : fail_at(folder.rules_in_force(), said.error());
}

// The digest of the set that this one follows. The one in force, signed again, follows its own.
Result<std::string> before_of(const std::optional<SetStatement>& last, const rules::RuleSet& set) {
  if (!last) {
    return std::string();
  }
  const rules::SetHeader& header = *set.header();
  if (last->digest == set.digest() && last->name == header.name &&
      last->version == header.version) {
    return last->before;
  }
  if (header.version <= last->version) {
    return fail(Code::kConflict, header.at.file + ":" + std::to_string(header.at.line) +
                                     ": version " + std::to_string(header.version) +
                                     " does not rise above version " +
                                     std::to_string(last->version) +
                                     ", which is in force; set it "
                                     "to " +
                                     std::to_string(last->version + 1));
  }
  return last->digest;
}

// Whoever reads the rules may read their signature: a service is another user than who signs.
Status write_signature(Files& files, const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  Status status = write_file(files, fresh, text);
  if (status) {
    status = let_everybody_read(fresh);
  }
  if (status) {
    status = files.rename(fresh, path);
  }
  if (!status) {
    static_cast<void>(files.remove(fresh));  // best effort: the next one replaces it
    return status;
  }
  return files.sync_directory(directory_of(path));
}

}  // namespace

Result<SignedRules> sign_rules(Context& context, const LoadedRules& rules, const DataFolder& folder,
                               const std::string& instance, const SigningKey& key,
                               const std::optional<std::string>& before) {
  const rules::SetHeader* header = rules.set->header();
  if (header == nullptr) {
    return fail(Code::kMalformed,
                "the set has no header to sign; put one into one of its files, for example "
                "\"set: { name: main, owner: ops@example.org, version: 1 }\"");
  }
  const auto last =
      before ? Result<std::optional<SetStatement>>(std::nullopt) : signed_before(context, folder);
  const Result<std::string> follows = !last    ? fail(last.error())
                                      : before ? Result<std::string>(*before)
                                               : before_of(*last, *rules.set);
  if (!follows) {
    return fail(follows.error());
  }
  SignedRules out;
  out.statement = {header->name,
                   header->owner,
                   header->version,
                   rules.set->digest(),
                   *follows,
                   instance,
                   context.clock.wall().seconds()};
  out.kid = key.public_key().thumbprint();
  out.file = signature_path(*header);
  const Result<std::string> token = sign_set(out.statement, key);
  if (!token) {
    return fail(token.error());
  }
  if (Status written = write_signature(context.files, out.file, *token + "\n"); !written) {
    return fail(written.error());
  }
  return out;
}

}  // namespace pawl
