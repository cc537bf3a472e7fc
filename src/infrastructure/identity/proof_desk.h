// Where proofs of possession are judged: against the request they came with, and once only.
//
// Purpose:    the shell of proof_rules.h, dpop.h, wimse.h and http_signature.h: this gateway's
// URLs, the memory of
//             what was shown, the nonces.
// Threading:  any thread.
// Errors:     a Finding: what was expected. kProofMemory: no room to remember it; fail closed.
// Not errors: a proof that is looked at twice (Pass::kLook).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "infrastructure/http/message.h"
#include "infrastructure/identity/dpop.h"
#include "infrastructure/identity/jwt.h"
#include "infrastructure/identity/replay_memory.h"
#include "infrastructure/identity/wimse.h"

namespace pawl::identity {

inline constexpr std::string_view kFieldDpop = "DPoP";
inline constexpr std::string_view kFieldDpopNonce = "DPoP-Nonce";

struct ProofOptions {
  // What clients call this gateway: "https://pawl.example.org". Empty: what the Host field says,
  // where it is the gateway's own authority (is_own_authority), by the next two.
  std::vector<std::string> urls{};
  std::vector<std::string> allowed_hosts{};
  std::function<std::uint16_t()> own_port{};  // of the listener; empty: not known
  std::vector<std::string> audiences{};       // further names of it that a WPT may have as aud
  std::int64_t max_age_s = 300;
  std::size_t remembered = 1'048'576;  // proofs, of all agents
  std::string nonce_key{};             // 32 secret bytes of this start; empty: no nonces
  std::int64_t started_s = 0;          // seconds of the wall clock
};

// At the end of a header a proof is looked at; when the request is complete, it is spent.
enum class Pass { kLook, kSpend };

class ProofDesk {
 public:
  explicit ProofDesk(ProofOptions options);

  // A token that is bound to a key: the one DPoP field of the request.
  Judged<ShownProof> dpop(const http::Request& request, std::string_view access_token,
                          const JwtIdentity& identity, std::int64_t now_s) const;
  // `access_token`: what stood in Authorization beside the WPT.
  Judged<ShownProof> wpt(const http::Request& request, std::string_view proof, const Wit& wit,
                         const std::optional<std::string>& access_token, std::int64_t now_s) const;
  // The content is looked at in Pass::kSpend: before, it has not arrived.
  Judged<ShownProof> signature(const http::Request& request, const Wit& wit, std::int64_t now_s,
                               Pass pass) const;
  // Of two requests with one proof, one passes.
  Judged<void> once(const std::string& agent, const ShownProof& proof, std::int64_t now_s,
                    Pass pass) const;

  std::string nonce(std::int64_t now_s) const;  // empty: none is asked for

 private:
  ProofExpected expected(const http::Request& request, std::int64_t now_s) const;

  const ProofOptions options_;
  const std::optional<Nonces> nonces_;
  mutable Mutex mutex_;
  mutable ReplayMemory memory_ PAWL_GUARDED_BY(mutex_);
};

}  // namespace pawl::identity
