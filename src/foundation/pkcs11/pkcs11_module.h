// One PKCS #11 module in this process, loaded when a key of it is configured.
//
// Purpose:    sessions with its tokens, logged in; and to begin anew with it, which is how a module
//             notices a token that came back.
// Threading:  any thread. One call at a time: its lock is held while the module works, since it
//             guards the module itself (the one exception to "no lock over I/O"): a module that
//             answers slowly holds up whoever signs with any of its keys.
// Ownership:  of() gives the same module to everybody who names its path; it is finalized and
//             unloaded with the last of them. A session belongs to the generation it was opened in.
// Errors:     kNotFound (no such module or token), kUnauthenticated (the PIN was refused, or is
//             locked), kIo (the module answered something else).
// Rule:       a PIN that a token refused is not tried there again: tokens lock themselves.
// Not errors: begin_anew() of a generation that is gone already: somebody else did it.
// Internal to src/foundation/pkcs11.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "foundation/crypto/sha256.h"
#include "foundation/pkcs11/cryptoki.h"

namespace pawl::pkcs11 {

class Module {
 public:
  static Result<std::shared_ptr<Module>> of(const std::string& path);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  Mutex& mutex() PAWL_ATTRIBUTE(lock_returned(mutex_)) { return mutex_; }
  CK_FUNCTION_LIST& functions() PAWL_REQUIRES(mutex_) { return *functions_; }
  std::uint64_t generation() const PAWL_REQUIRES(mutex_) { return generation_; }

  Result<CK_SESSION_HANDLE> log_in(const Pkcs11Uri& uri, const std::string& pin)
      PAWL_REQUIRES(mutex_);
  // Ends every session. At most once a second.
  void begin_anew(std::uint64_t generation) PAWL_REQUIRES(mutex_);

 private:
  Module(std::string path, CK_FUNCTION_LIST* functions)
      : path_(std::move(path)), functions_(functions) {}
  Result<CK_SLOT_ID> find(const Pkcs11Uri& uri) PAWL_REQUIRES(mutex_);
  Status log_in(CK_SESSION_HANDLE session, const Pkcs11Uri& uri, const std::string& pin)
      PAWL_REQUIRES(mutex_);

  Mutex mutex_;
  const std::string path_;
  CK_FUNCTION_LIST* const functions_;
  bool is_initialized_ PAWL_GUARDED_BY(mutex_) = true;
  std::uint64_t generation_ PAWL_GUARDED_BY(mutex_) = 1;
  BootTime begun_ PAWL_GUARDED_BY(mutex_){0};
  std::set<Digest> refused_ PAWL_GUARDED_BY(mutex_);  // of token and PIN
};

}  // namespace pawl::pkcs11
