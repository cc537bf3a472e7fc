// What a witness answers to `add-checkpoint` (C2SP tlog-witness): the pure core.
//
// Purpose:    cosign a head of a log only if it extends every head of it that was cosigned before.
// Threading:  pure: state, question and time in; answer and next state out.
// Ownership:  whoever keeps the state makes `next` durable before the answer leaves, and decides
//             nothing else of this log in between (witness_desk.h).
// Errors:     kMalformed, kTooLarge of read_submission(): the answer is 400. Everything else is a
//             status of the decision.
// Not errors: the head that was cosigned last, shown again: it gets a newer time.
//
// Example:
//   Result<Submission> asked = read_submission(body);
//   Decision decision = decide(held, *asked, keys_of(asked->head.origin), cosigner, now_s);
//   if (decision.next) { make it durable, or do not answer }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/cosignature.h"
#include "foundation/ledger/equivocation.h"
#include "foundation/witness/add_checkpoint.h"

namespace pawl::witness {

// The newest head of one log that was cosigned. As it stands: none yet.
struct Held {
  std::uint64_t size = 0;
  Digest root = ledger::empty_root();
  std::int64_t time_s = 0;  // of the cosignature, since 1970
  std::string note;  // the checkpoint: the log's lines that were verified, and ours; or empty
};

struct Submission {
  AddCheckpoint asked;
  ledger::Note note;
  ledger::TreeHead head;
};

struct Decision {
  int status = 0;  // of HTTP
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
  std::optional<Held> next;  // with 200, and only then
  // The log shows two histories: it signed another root for the size that was cosigned, or a head
  // with a proof that it goes on from another one.
  bool contradicts = false;
  std::optional<ledger::Equivocation> evidence;  // of that, for others
};

Result<Submission> read_submission(std::string_view body);

// `log`: the keys trusted for the origin, of its name; none: the log is not known here.
// `now_s`: since 1970. A cosignature's time never goes back, whatever the clock does.
Decision decide(const Held& held, const Submission& asked,
                const std::vector<ledger::VerifierKey>& log, const ledger::Cosigner& self,
                std::int64_t now_s);

// What a kept checkpoint says. kMalformed, kBadSignature, kNotFound: not cosigned by `self`.
Result<std::pair<std::string, Held>> read_held(std::string note, const ledger::VerifierKey& self);

}  // namespace pawl::witness
