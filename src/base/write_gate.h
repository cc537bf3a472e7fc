// The right to make one non-blocking write.
//
// Purpose:    every write to an upstream and every release of an answer happens inside pass(); a
//             gate that has closed (a stop, a revocation, a changed rule) does not run the write.
//             Links take a WriteGate and never write without one; only the gateway makes them.
// Threading:  the I/O thread that owns the call.
// Contract:   `write` makes one non-blocking system call (or none), for this gate and those that
//             it passes itself; no waiting, locking, calling back. The rest goes in a later pass.
#pragma once

#include <type_traits>
#include <utility>

namespace pawl {

// A non-owning reference to a callable, valid during the call it is passed to.
template <class Signature>
class FunctionRef;
template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, FunctionRef>>>
  FunctionRef(F&& f)  // NOLINT: implicit by design
      : object_(const_cast<void*>(static_cast<const void*>(&f))),
        call_([](void* object, Args... args) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...);
        }) {}
  R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  R (*call_)(void*, Args...);
};

class WriteGate {
 public:
  virtual ~WriteGate() = default;
  // Runs `write` once and returns true, or returns false without running it: the call may no
  // longer be made. After false every later pass() of this gate is false too.
  [[nodiscard]] virtual bool pass(FunctionRef<void()> write) = 0;
};

}  // namespace pawl
