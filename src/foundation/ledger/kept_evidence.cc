#include "foundation/ledger/kept_evidence.h"

#include <algorithm>

#include "base/encoding.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kSuffix = ".equivocation";
constexpr std::size_t kHashDigits = 16;

std::string name_of(const Contradiction& found) {
  return hex_encode(view(sha256(found.origin))).substr(0, kHashDigits) + "-" +
         std::to_string(found.older_size) + std::string(kSuffix);
}

// nullopt: what has the name proves nothing.
std::optional<std::string> proven_before(Files& files, const std::string& path,
                                         const VerifierKey& log) {
  Result<std::string> text = read_file(files, path, kMaxEquivocation);
  const Result<Equivocation> evidence = text ? parse_equivocation(*text) : fail(text.error());
  return evidence && check_equivocation(*evidence, log) ? std::optional(*std::move(text))
                                                        : std::nullopt;
}

}  // namespace

std::string evidence_folder(const std::string& root) {
  return root + "/evidence";
}

std::vector<std::string> kept_evidence(Files& files, const std::string& folder) {
  std::vector<std::string> out;
  const std::string prefix = folder + "/";
  if (const Result<std::vector<std::string>> names = files.list(folder)) {
    for (const std::string& name : *names) {
      if (name.ends_with(kSuffix)) {
        out.push_back(prefix + name);
      }
    }
  }
  return out;
}

Result<std::string> keep_evidence(Files& files, const std::string& folder,
                                  const Equivocation& evidence, const VerifierKey& log) {
  const Result<Contradiction> found = check_equivocation(evidence, log);
  if (!found) {
    return fail(found.error());
  }
  if (Status made = make_durable_directory(files, folder); !made) {
    return fail(made.error());
  }
  std::string path = folder + "/" + name_of(*found);
  const std::vector<std::string> kept = kept_evidence(files, folder);
  const bool is_kept = std::find(kept.begin(), kept.end(), path) != kept.end();
  if (!is_kept && kept.size() >= kMostEvidence) {
    return fail(Code::kTooLarge, folder + " has " + std::to_string(kept.size()) +
                                     " files of evidence: one is enough; move them away");
  }
  // The first one is written again: the process that kept it may have been killed before it was
  // durable.
  const std::optional<std::string> first = is_kept ? proven_before(files, path, log) : std::nullopt;
  Status written = write_file(files, path, first ? *first : print_equivocation(evidence));
  return written ? Result<std::string>(std::move(path)) : fail(written.error());
}

}  // namespace pawl::ledger
