// Tokens that a caller presents with a call, verified and turned into declared causes.
//
// Purpose:    a presented ECT becomes a parent only if its level, signature, form and presenter are
//             right; anything else refuses the call with kTokenInvalid (HTTP 403) and a reason.
//             Together they must be a graph (presented_graph.h).
// Threading:  the I/O thread (one verification on first sight, then a cache until a key changes).
// Keys:       our own, those of trusted issuers, and the presenter's own where it showed a WIT:
// then
//             its tokens are those whose `iss` is the WIT's `sub` and whose key is the WIT's. A
//             token that brings a certificate chain is judged by that, and by no other key.
// Errors:     kTokenInvalid with the machine reason of foundation/ect in front; "wrong_presenter"
//             for a token that names another agent, and for an unsigned one of another issuer;
//             "revoked_key" and "revoked_token" for what an operator revoked.
//             kEvidenceUnavailable: see token_memory.h.
// Not errors: a token that expired and is recorded, ours or another's: it is known and fine; the
//             same token presented by a hundred children.
// Source:     docs/formats/ect.md, "Recording and presenting".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "foundation/ect/ect.h"
#include "foundation/ect/verified_cache.h"
#include "foundation/ect/wit_key.h"
#include "gateway/presented_graph.h"
#include "gateway/received_tokens.h"
#include "gateway/recorder.h"
#include "gateway/token_memory.h"
#include "gateway/token_source.h"
#include "operators/override/stop_board.h"

namespace pawl {

// The keys of issuers other than us.
struct ForeignKeys {
  ect::KeyResolver resolve{};  // empty: nobody is trusted
  // Another number whenever a key came, changed or went. Empty: none ever does.
  std::function<std::uint64_t()> generation{};
  // What is asked of a token of theirs beside its signature (foundation/ect/exec_audit.h). Empty:
  // nothing.
  std::function<Status(const ect::Token&)> rules{};
  // Of tokens that bring a certificate chain, by the authorities of the name's domain. Empty:
  // nobody's are known. Where bundles change, `generation` tells it, too.
  ect::ChainVoucher vouch{};
};

// What the operator chose (docs/operations/configuration.md, `tokens`).
struct TokenRules {
  ect::Level minimum = ect::Level::kL2;
  // ES256 is among them: our own tokens are signed with it.
  std::vector<std::string> algorithms = {"ES256"};
  GraphRules graph{};
  bool accept_cbor = false;  // tokens in CBOR form (foundation/ect/ect_cbor.h)
};

// The refusal's rule for the message of a kTokenInvalid error: "ect-level", "ect-replay",
// "parent-unknown", "ect-revoked", else "ect-invalid".
std::string_view token_problem(std::string_view message);

// What is found out about the tokens of a call.
struct TakenTokens {
  NewTokens fresh;                   // of others, not recorded yet
  std::vector<WantedToken> unknown;  // parents of theirs that are not at hand
};

class ParentTokens {
 public:
  ParentTokens(Instance instance, PublicKey own_key, std::string own_kid, ForeignKeys foreign,
               TokenRules rules, std::size_t cache_size);

  // The keys of before that this instance's own tokens may name, too; replaces those given before.
  struct FormerKey {
    PublicKey key;
    std::int64_t until_s = 0;  // what it signed later than this second is not ours
  };
  using FormerKeys = std::map<std::string, FormerKey, std::less<>>;  // by kid
  void own_keys(PublicKey key, std::string kid, FormerKeys former);

  // Whose revocations count; nullptr, as it begins: nobody's. It outlives this.
  void obey(const StopBoard* board) { board_ = board; }

  using Known = Result<std::shared_ptr<const ect::Token>>;

  // Fills action.causes (declared), action.workflow, action.missing_parents,
  // action.presented_names and action.presented_level from action.parent_tokens. `along`: verified
  // tokens that were fetched: of the graph, and no causes of the call. With `may_fetch` parents
  // that nobody has are no refusal: the caller fetches them, or asks again without.
  Result<TakenTokens> resolve(Action& action, WallTime now, const PresentedTokens& along = {},
                              bool may_fetch = false);
  // Judges what the issuer of a token answered when it was asked for a parent. kTokenInvalid, also
  // for another token than the one that was asked for.
  Known take_fetched(const std::string& text, const WantedToken& wanted, WallTime now);
  // True once: the caller records it now, or says that it could not.
  bool begin_keeping(const ect::Token& token);
  void not_kept(const ect::Token& token) { memory_.set_keeping(token, ect::Keeping::kNot); }
  TokenMemory& memory() { return memory_; }

 private:
  Result<PublicKey> key_for(std::string_view iss, std::string_view kid) const;
  void drop_after_key_change();
  // `workload`: the caller's, if it showed a WIT; else null.
  Known token_of(const std::string& text, const Caller& caller, const ect::WitKey* workload,
                 WallTime now);
  Known signed_token(const std::string& text, const ect::WitKey* workload, WallTime now);
  std::optional<ect::WitKey> workload_shown(const Caller& caller) const;
  Known workload_token(const std::string& text, const ect::WitKey& workload,
                       const ect::VerifyOptions& options);
  Known verified_token(const std::string& text, const ect::VerifyOptions& options);
  Known unsigned_token(const std::string& text, const Caller& caller, WallTime now);
  Status note(const std::shared_ptr<const ect::Token>& token);
  void forget_refused();
  Status check_own_key(const ect::Token& token) const;
  Result<PublicKey> key_in_force(std::string_view iss, std::string_view kid, std::string& revoked);
  tl::expected<Validity, ect::ChainRefusal> vouched(const ect::ChainKey& key,
                                                    std::int64_t at_s) const;
  Status check_revoked(const ect::Token& token, Action& action) const;
  static std::string place_of(std::string_view iss, std::string_view kid);
  Status check_presenter(const ect::Token& token, const Caller& caller,
                         const ect::WitKey* workload) const;
  Status add_cause(const ect::Claims& claims, Action& action, WallTime now) const;
  Result<PresentedTokens> presented_of(Action& action, const ect::WitKey* workload, WallTime now);
  Result<TakenTokens> judge(Action& action, WallTime now, const PresentedTokens& along,
                            bool may_fetch);
  Known judge_fetched(const std::string& text, const WantedToken& wanted, WallTime now);
  Status check_level(const PresentedTokens& tokens, Action& action) const;
  Result<GraphFinding> check_graph(const PresentedTokens& tokens, bool may_fetch) const;
  TakenTokens taken_of(const PresentedTokens& tokens, std::size_t presented,
                       const GraphFinding& found, const ect::WitKey* workload);

  Instance instance_;
  PublicKey own_key_;
  std::string own_kid_;
  FormerKeys former_keys_;
  ForeignKeys foreign_;
  TokenRules rules_;
  std::uint64_t foreign_generation_ = 0;
  ect::VerifiedCache cache_;
  TokenMemory memory_;
  PresentedTokens noted_;  // what memory_ got to know by what is being judged
  const StopBoard* board_ = nullptr;
  // Of foreign keys that verified something and whose kid is not their thumbprint: by issuer and
  // kid.
  std::map<std::string, std::string, std::less<>> thumbprints_;
};

}  // namespace pawl
