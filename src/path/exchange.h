// The protocol adapter's half of one governed call.
//
// Purpose:    the gateway drives a call through the one path and asks its Exchange to forward,
//             release and refuse; the Exchange tells what the other side did through CallEvents.
//             An Exchange encodes and decodes and holds no governance.
// Threading:  one I/O thread for both.
// Ownership:  the gateway holds the Exchange until the call ended; CallEvents stays valid until the
//             Exchange is destroyed, and calls made after the end are ignored.
// Contract:   every write goes through the WriteGate it was given. After forward() exactly one of
//             answered() or lost() is told, once; what comes later is ignored and counted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/uuid.h"
#include "base/write_gate.h"
#include "foundation/records/outcome.h"

namespace pawl {

struct Action;

struct Answer {
  bool success = false;  // a result (true) or an error (false); isError results are errors
  std::string body;      // exact bytes of the upstream's `result` or `error` (what out_hash covers)
  std::shared_ptr<const json::Value> value{};  // the one parse of body, where there was one
  // Set when a task goes on at the server: what the adapter needs to follow it after a restart,
  // sealed by it, at most 1024 bytes. Recorded, so that the ledger knows what it still owes.
  std::string followed{};
  // The adapter's word that this is a complete answer, which means the same when it is given again
  // to a repeat of the call. Of any other only the outcome is kept.
  bool repeatable = false;
  bool is_error = false;  // body is an `error`, and no result that says isError
};

struct RecordRef {
  Uuid id;
  std::uint64_t index = 0;  // position in the ledger
  std::string token;        // the signed ECT; empty when the record is a summed-up refusal
};

// What a held call waits for, as its caller is told.
struct PendingApproval {
  Uuid id;
  std::string address;       // where people decide; empty: by command
  std::int64_t expires = 0;  // seconds; until then people may decide
};

struct Refusal {
  Code code = Code::kDenied;
  std::string control;  // which control refused
  std::string rule;     // its rule id, may be empty
  std::string reason;   // for people and models
  bool retry_helps = false;
  std::int64_t retry_after_ms = 0;
  bool was_sent = false;  // the call may have taken effect: its outcome is unknown
  bool was_done = false;  // the server answered the call; only its answer is held back
  std::optional<PendingApproval> pending{};  // the call may be made again once people decided
};

enum class Loss {
  kNotSent,     // provably nothing left: the call failed, and may be made again
  kConnection,  // sent, then the connection or the process died
  kTimeout,     // sent, and no answer in time
  kGarbage,     // sent, and what came back is not an answer
  kCancelled,   // the caller withdrew after it was sent
  kStopped,     // an operator's stop cut it after it was sent
  kShutdown,    // this gateway ends
};
std::string_view loss_name(Loss loss);

class CallEvents {
 public:
  virtual ~CallEvents() = default;
  virtual void answered(Answer answer) = 0;
  virtual void lost(Loss loss, std::string detail) = 0;
  // Data on the stream before the answer. Returns true when it may be released now, inside
  // `gate()`.
  virtual bool event(std::string_view bytes) = 0;
  // A message of the server beside the answer, before anything is made of it. False: what the
  // call's answer is to be without may stand in it, so it is dropped.
  virtual bool may_pass(std::string_view message) {
    static_cast<void>(message);
    return true;
  }
  // The requester went away or cancelled. Era rules decide whether the adapter calls this.
  virtual void withdrawn(std::string detail) = 0;
  // Of a held call: its caller is to be told now that it waits, and not when its patience ends.
  virtual void stop_waiting() {}
  // For releases of events, valid until the call ended.
  virtual std::shared_ptr<WriteGate> release_gate() = 0;
  // The traceparent for the upstream, which names our span; empty: what the requester sent.
  virtual std::string traceparent() const { return {}; }
};

class Exchange {
 public:
  virtual ~Exchange() = default;
  // The call waits for people before anything of it is forwarded: `events` takes withdrawn() and
  // stop_waiting() from here on, and may take one of them within.
  virtual void held(const std::shared_ptr<CallEvents>& events, const PendingApproval& pending) {
    static_cast<void>(events), static_cast<void>(pending);
  }
  // Of the request, that this keeps in memory while it waits, the parsed tree included; the texts
  // of the Action are counted apart.
  virtual std::size_t kept_bytes() const { return 0; }
  // People approved other `params` than were asked for: what is forwarded from now on, and what
  // `action` says of it. Errors: kUnsupported, kInvalidParams: it is not forwarded, and nothing
  // has changed.
  virtual Status change(Action& action, const std::string& params);
  // Writes the request to the upstream through `gate`; answers through `events`. May do so later.
  // An idempotent call is forwarded a second time, with a new gate, after lost(kConnection).
  virtual void forward(std::shared_ptr<WriteGate> gate, std::shared_ptr<CallEvents> events) = 0;
  // No answer is wanted any more: close the stream, or tell the upstream, as its protocol says.
  virtual void abandon(Loss why) = 0;
  // Hands the answer to the requester; its record is durable.
  virtual void release(std::shared_ptr<WriteGate> gate, const Answer& answer,
                       const RecordRef& record) = 0;
  // The call did not happen, or ended without an answer.
  virtual void refuse(const Refusal& refusal, const RecordRef& record) = 0;
};

}  // namespace pawl
