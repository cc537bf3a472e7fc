// The one way through, as protocol adapters see it.
//
// Purpose:    submit() takes an Action and the adapter's Exchange through decide, acquire, forward
//             and evidence. There is no other function that forwards anything.
// Threading:  the I/O thread; returns at once, the Exchange is called later or from within.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "path/action.h"
#include "path/exchange.h"

namespace pawl {

// How an approval stands, for the caller who waits for it.
struct HeldStanding {
  enum class State { kPending, kApproved, kEnded };
  State state = State::kEnded;
  PendingApproval pending;                 // kPending, kApproved: until when
  std::string server, verb, name, params;  // of the call; params empty: they are kept no longer
  std::string reason;                      // kEnded: how
  // kEnded: a call went through, or goes through, with it, so that it must not be made again; and
  // the record of that call, where it is known.
  bool was_used = false;
  std::optional<Uuid> record{};
};

class Gateway {
 public:
  virtual ~Gateway() = default;
  virtual void submit(Action&& action, std::unique_ptr<Exchange> exchange) = 0;
  // A fresh record id, for the adapter that must name it upstream as idempotency key.
  virtual Uuid new_id() = 0;

  // May this caller use this name (tool, prompt or resource) at all; for filtering lists.
  virtual bool may_use(const Caller& caller, const std::string& server, std::string_view verb,
                       std::string_view name) const = 0;
  // May a call of this name be held for people, with some arguments. Without a name: may any.
  virtual bool may_be_held(const Caller& caller, const std::string& server, std::string_view verb,
                           std::string_view name) const = 0;
  // Of an approval that this very caller asked for. kApproved: a use is left that nobody took, and
  // none was. Errors: kNotFound: there is none of this caller.
  virtual Result<HeldStanding> standing_of(const Uuid& approval, const Caller& caller) const = 0;
  // This caller was told how it ended: the same call after this is a new one.
  virtual void told_of_approval(const Uuid& approval) = 0;
  // This caller wants it no longer. Errors: kNotFound, kConflict: it has ended.
  virtual Status cancel_approval(const Uuid& approval, const Caller& caller) = 0;
  // `handler` runs on the I/O thread after an approval was decided or ended; nullptr: none.
  virtual void on_approval_decided(std::function<void(const Uuid&)> handler) = 0;
  // A gate for protocol plumbing (initialize, ping, list_changed) that carries no data of anyone;
  // it closes when the agent, the server or everything is stopped, or the caller was revoked.
  virtual std::shared_ptr<WriteGate> plumbing_gate(const Caller& caller,
                                                   const std::string& server) = 0;
  // Why plumbing_gate() is closed now; nullopt: it is open. For requests that carry no data and
  // have no record, so that whoever asks is told.
  virtual std::optional<Refusal> plumbing_refusal(const Caller& caller,
                                                  const std::string& server) const = 0;
  // The same, for what need not be asked of a server then; nobody is told.
  virtual bool plumbing_stopped(const Caller& caller, const std::string& server) const = 0;
  // True: a stop covers the action now, whatever the rules say. For what goes on without a call.
  virtual bool is_stopped(const Action& action) const = 0;
  // True: whoever this is may do nothing any more. For what a stop would leave open and silent.
  virtual bool is_revoked(const Caller& caller) const = 0;
  // `handler` runs on the I/O thread after stops or revocations changed; nullptr: none.
  virtual void on_stops(std::function<void()> handler) = 0;
};

}  // namespace pawl
