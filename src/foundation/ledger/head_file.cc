#include "foundation/ledger/head_file.h"

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/frame.h"
#include "foundation/ledger/kept_evidence.h"
#include "foundation/ledger/log_state.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {

namespace {

// A checkpoint of the log that this one goes on from, signed by the same key.
bool is_before(const std::string& note, const Options& options, const VerifierKey& log_key) {
  if (options.origin_before.empty()) {
    return false;
  }
  const Result<std::string> vkey = vkey_of(options.origin_before, log_key.key);
  const Result<VerifierKey> key =
      vkey ? VerifierKey::parse(*vkey) : Result<VerifierKey>(fail(vkey.error()));
  const Result<TreeHead> head =
      key ? open_checkpoint(note, *key) : Result<TreeHead>(fail(key.error()));
  return head && head->size <= options.size_before;
}

Status begin_head_file(Files& files, const Options& options, const NoteSigner& signer) {
  Result<std::string> note = signer.sign(print_head({options.origin, 0, empty_root(), {}}));
  if (!note) {
    return fail(note.error());
  }
  Status written = write_file(files, options.head_file, *note);
  return written ? written : Status(fail_at("head file", written.error()));
}

// `known`: what the head file says, of at most `size` entries; `newest`: the checkpoint of all.
std::optional<Equivocation> another_history(HashReader& tree, const std::string& known_note,
                                            const std::string& newest, const TreeHead& known,
                                            std::uint64_t size, const VerifierKey& log_key) {
  const Result<Proof> proof =
      known.size < size ? prove_prefix(tree, known.size, size) : Result<Proof>(Proof{});
  return proof ? contradiction(known_note, newest, *proof, log_key) : std::nullopt;
}

}  // namespace

Result<std::optional<TreeHead>> open_head(const std::string& path, const std::string& note,
                                          const Options& options, const VerifierKey& log_key) {
  if (is_before(note, options, log_key)) {
    return std::optional<TreeHead>();
  }
  Result<TreeHead> head = open_checkpoint(note, log_key);
  return head ? Result<std::optional<TreeHead>>(*std::move(head))
              : Result<std::optional<TreeHead>>(fail_at("head file " + path, head.error()));
}

Status check_head_file(Files& files, const std::string& folder, const Options& options,
                       const NoteSigner& signer, const VerifierKey& log_key, const TileEdge& edge,
                       const std::string& newest) {
  const std::string& path = options.head_file;
  if (path.empty()) {
    return {};
  }
  Result<std::string> note = read_file(files, path, kMaxFrameBody);
  if (!note && note.error().code != Code::kNotFound) {
    return fail(note.error());
  }
  if (!note) {
    return edge.size() == 0
               ? begin_head_file(files, options, signer)
               : fail(Code::kConflict,
                      path + ": the head file is not there, and the ledger has " +
                          std::to_string(edge.size()) +
                          " entries. Is its disk mounted? If it is new: pawl ledger head -o " +
                          path);
  }
  // A killed process may have left it there without its name being durable, and entries follow.
  if (Status named = files.sync_directory(directory_of(path)); !named) {
    return fail_at("head file", named.error());
  }
  const Result<std::optional<TreeHead>> known = open_head(path, *note, options, log_key);
  if (!known || !*known) {
    return known ? Status{} : Status(fail(known.error()));
  }
  const std::optional<TreeHead>& head = *known;
  if (head->size > edge.size()) {
    return fail(
        Code::kConflict,
        "the ledger ends at entry " + std::to_string(edge.size()) + ", but the head file " + path +
            " knows " + std::to_string(head->size) +
            ": this is an older copy. Put the newest one back. If it is lost, go on as a new log "
            "that says so: pawl ledger renew");
  }
  Tiles tiles(files, folder,
              [&](unsigned height, std::uint64_t index) { return edge.node(height, index); });
  Result<Digest> root = root_at(tiles, head->size);
  if (!root) {
    return fail(root.error());
  }
  Status fits = check_head(*head, head->size, *root);
  if (fits) {
    return fits;
  }
  std::string why = fits.error().message;
  if (const auto proven = another_history(tiles, *note, newest, *head, edge.size(), log_key)) {
    const Result<std::string> kept =
        keep_evidence(files, evidence_folder(directory_of(folder)), *proven, log_key);
    why += kept ? "; kept as evidence of two histories: " + *kept
                : "; evidence of two histories was not kept: " + kept.error().message;
  }
  return fail(fits.error().code, "head file " + path + ": " + why);
}

}  // namespace pawl::ledger
