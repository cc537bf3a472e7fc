// The gates of a call: for what goes upstream and for what is released to the requester.
// Threading: the I/O thread. Both run through the DispatchGate of the instance.
#pragma once

#include <memory>

#include "gateway/call.h"

namespace pawl {

// Passes while the decision stands. When an epoch moved, the call is decided anew; the first pass
// marks the call as forwarded.
class Call::ForwardGate final : public WriteGate {
 public:
  explicit ForwardGate(std::shared_ptr<Call> call) : call_(std::move(call)) {}
  bool pass(FunctionRef<void()> write) override;

 private:
  std::shared_ptr<Call> call_;
  bool closed_ = false;
  bool passed_ = false;
};

// Passes unless a stop covers the call now. It holds what it needs: the call may have ended.
class Call::ReleaseGate : public WriteGate {
 public:
  explicit ReleaseGate(std::shared_ptr<Call> call) : call_(std::move(call)) {}
  bool pass(FunctionRef<void()> write) override;

 protected:
  const std::shared_ptr<Call> call_;

 private:
  bool closed_ = false;
};

// The same for the answer of a call that was forwarded: what passed is kept for a repeat.
class Call::AnswerGate final : public ReleaseGate {
 public:
  AnswerGate(std::shared_ptr<Call> call, const Uuid& record)
      : ReleaseGate(std::move(call)), record_(record) {}
  bool pass(FunctionRef<void()> write) override;

 private:
  const Uuid record_;
  bool kept_ = false;
};

}  // namespace pawl
