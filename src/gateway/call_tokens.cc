// The tokens that a caller presents with a call: judged before it is decided, and recorded before
// anything of it is. Parents of theirs that nobody here has are asked of their issuers first.
// Threading: the I/O thread.
#include <utility>

#include "base/limit_stat.h"
#include "base/log.h"
#include "gateway/call.h"
#include "path/plugged.h"

namespace pawl {
namespace {

LimitStat fetched_of_one_call("token_fetch_parents");
LimitStat fetch_timeout("token_fetch_timeout_s");

}  // namespace

// Begins again with what was fetched, until there is nothing more to ask for.
void Call::take_tokens() {
  const WallTime now = services_.recorder.now();
  const bool may_fetch = services_.token_source.fetch && !(fetch_ && fetch_->is_over);
  const PresentedTokens along = fetch_ ? fetch_->along : PresentedTokens{};
  Result<TakenTokens> taken = services_.parents.resolve(action_, now, along, may_fetch);
  if (taken && may_fetch && !taken->unknown.empty()) {
    if (fetch_parents(taken->unknown)) {
      return;
    }
    taken = services_.parents.resolve(action_, now, along, false);
  }
  if (fetch_) {
    step_done("fetch", step_began_);
    fetch_.reset();
    state_ = State::kNew;
  }
  if (taken || !plugged(ControlId::kPresentedTokens)) {
    new_tokens_ = taken ? std::move(taken->fresh) : NewTokens{};
    if (take_policy(now)) {
      judge(now);
    }
    return;
  }
  const Error& why = taken.error();
  if (why.code == Code::kEvidenceUnavailable) {
    refuse({why.code, "tokens", "", why.message, true, 1000});
  } else {
    refuse({Code::kTokenInvalid, "tokens", std::string(token_problem(why.message)), why.message,
            false, 0});
  }
}

// False: there is nobody to ask, or it was asked already.
bool Call::fetch_parents(const std::vector<WantedToken>& unknown) {
  std::vector<WantedToken> wanted;
  for (const WantedToken& one : unknown) {
    if (!services_.token_source.knows(one.issuer) || (fetch_ && fetch_->asked.contains(one.id))) {
      continue;
    }
    if (!fetch_) {
      begin_fetch();
    }
    if (fetch_->asked.size() == ParentFetch::kMost) {
      fetched_of_one_call.reached();
      break;
    }
    fetch_->asked.insert(one.id);
    wanted.push_back(one);
  }
  if (wanted.empty()) {
    return false;
  }
  fetch_->pending = wanted.size();
  const std::weak_ptr<Call> call = weak_from_this();  // its owner keeps it
  for (const WantedToken& one : wanted) {
    services_.token_source.fetch(one, [call, one](const Result<std::string>& text) {
      if (const std::shared_ptr<Call> self = call.lock()) {
        self->parent_fetched(one, text);
      }
    });
  }
  return true;
}

void Call::begin_fetch() {
  state_ = State::kFetching;
  step_began_ = services_.clock.boot();
  fetch_ = std::make_unique<ParentFetch>();
  fetch_->deadline = services_.scheduler.after(services_.token_source.timeout, [this] {
    const std::shared_ptr<Call> self = shared_from_this();
    if (state_ == State::kFetching) {
      fetch_timeout.reached();
      fetch_->is_over = true;
      take_tokens();
    }
  });
}

// What is not good is not at hand: the graph stays partial.
void Call::parent_fetched(const WantedToken& wanted, const Result<std::string>& text) {
  if (state_ != State::kFetching || fetch_->is_over) {
    return;
  }
  const auto token = text ? services_.parents.take_fetched(*text, wanted, services_.recorder.now())
                          : ParentTokens::Known(fail(text.error()));
  if (token) {
    fetch_->along.push_back(*token);
  } else {
    log(LogLevel::kDebug, "parent_not_fetched",
        {{"issuer", wanted.issuer}, {"id", wanted.id.text()}, {"reason", token.error().message}});
  }
  if (--fetch_->pending == 0) {
    take_tokens();
  }
}

// In front of the call's own records, so that a durable one means that these are.
void Call::keep_tokens() {
  keep_policy();
  for (const NewToken& received : std::exchange(new_tokens_, {})) {
    if (!services_.parents.begin_keeping(*received.token)) {
      continue;  // another call does
    }
    services_.recorder.record(
        received_record(received, services_.recorder.new_id(), action_.caller.agent),
        [&parents = services_.parents, token = received.token](const Result<RecordRef>& kept) {
          if (!kept) {
            parents.not_kept(*token);
          }
        });
  }
}

}  // namespace pawl
