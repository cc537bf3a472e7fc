#include "foundation/ledger/cosigned.h"

#include <algorithm>

#include "foundation/ledger/bytes.h"
#include "foundation/ledger/cosignature.h"
#include "foundation/ledger/log_state.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kMaxNote = 1u << 20;
constexpr std::size_t kMaxOpen = 4;  // checkpoints whose lines are gathered at one time

}  // namespace

std::string cosigned_path(const std::string& folder) {
  return folder + "/cosigned";
}

Result<Cosigned> read_cosigned(std::string note, const VerifierKey& log,
                               const WitnessPolicy& policy) {
  Result<TreeHead> head = open_checkpoint(note, log);
  if (!head) {
    return fail(head.error());
  }
  Result<WitnessPolicy::Answer> answer = policy.judge(*parse_note(note));
  if (!answer) {
    return fail(answer.error());
  }
  return Cosigned{{head->size, head->root, std::move(note)}, *std::move(answer)};
}

Result<CosignedHead> CosignedHead::open(Files& files, std::string path, VerifierKey log,
                                        std::shared_ptr<const WitnessPolicy> policy,
                                        std::uint64_t size, const RootAt& root_at) {
  CosignedHead out(files, std::move(path), std::move(log), std::move(policy));
  Result<std::string> note = read_file(files, out.path_, kMaxNote);
  if (!note) {
    return note.error().code == Code::kNotFound ? Result<CosignedHead>(std::move(out))
                                                : fail(note.error());
  }
  const Result<TreeHead> head = open_checkpoint(*note, out.log_);
  if (!head) {
    return out;
  }
  if (head->size > size) {
    return fail(Code::kBadSignature, out.path_ + ": witnesses saw " + std::to_string(head->size) +
                                         " entries of this log, and it has " +
                                         std::to_string(size) +
                                         ": this is an older copy. Put the newest one back. If it "
                                         "is lost, go on as a new log that says so: pawl ledger "
                                         "renew");
  }
  const Result<Digest> root = root_at(head->size);
  if (!root) {
    return fail(root.error());
  }
  if (Status fits = check_head(*head, head->size, *root); !fits) {
    return fail_at(out.path_, fits.error());
  }
  Result<Cosigned> kept = read_cosigned(*std::move(note), out.log_, *out.policy_);
  if (kept && kept->answer.is_met) {
    out.newest_ = *std::move(kept);
  }
  return out;
}

std::string CosignedHead::Gathered::note() const {
  std::string out = checkpoint;
  for (const std::optional<std::string>& one : line) {
    out += one.value_or("");
  }
  return out;
}

CosignedHead::Gathered& CosignedHead::gathered(const std::string& checkpoint) {
  const auto found = std::find_if(open_.begin(), open_.end(), [&](const Gathered& one) {
    return one.checkpoint == checkpoint;
  });
  if (found != open_.end()) {
    return *found;
  }
  if (open_.size() == kMaxOpen) {
    open_.pop_front();
  }
  open_.push_back({checkpoint, {}});
  open_.back().line.resize(policy_->witnesses().size());
  return open_.back();
}

Status CosignedHead::add(const std::string& checkpoint, std::size_t witness,
                         std::string_view lines) {
  const VerifierKey& key = policy_->witnesses().at(witness).key;
  const std::size_t end = checkpoint.find("\n\n");
  const Result<Note> answered = parse_note(checkpoint.substr(0, end + 2) + std::string(lines));
  if (!answered) {
    return fail_at("the answer is no signature line", answered.error());
  }
  const Result<std::int64_t> time_s = check_cosignature(*answered, key);
  if (!time_s) {
    return fail(time_s.error());
  }
  // One line, the newest, however many it sent: a checkpoint has room for 64.
  const auto own = std::find_if(answered->signatures.begin(), answered->signatures.end(),
                                [&](const NoteSignature& one) {
                                  return one.name == key.name && one.key_id == key.key_id &&
                                         get_u64(one.bytes) == static_cast<std::uint64_t>(*time_s);
                                });
  Gathered& into = gathered(checkpoint);
  into.line[witness] = print_signature(*own);
  Result<Cosigned> all = read_cosigned(into.note(), log_, *policy_);
  if (!all) {
    return fail(all.error());
  }
  if (!all->answer.is_met || (newest_ && newest_->checkpoint.size > all->checkpoint.size)) {
    return {};
  }
  if (Status kept = write_file(*files_, path_, all->checkpoint.note); !kept) {
    return kept;
  }
  newest_ = *std::move(all);
  return {};
}

}  // namespace pawl::ledger
