// Witness policies (C2SP tlog-policy): which witnesses must have cosigned a checkpoint.
//
// Purpose:    read the policy's text; judge a checkpoint by it. docs/formats/witness_policy.md.
// Threading:  an immutable value.
// Errors:     kMalformed, kTooLarge, kUnsupported (a key of a type that is not checked here), each
//             with the line. A policy that does not read decides nothing; none is ever guessed.
// Not errors: comments, empty lines, URLs (kept, never opened), witnesses that no quorum counts.
//             A quorum that is not met is an Answer, not an error.
//
// Example:
//   Result<WitnessPolicy> policy = WitnessPolicy::parse(text);
//   Result<WitnessPolicy::Answer> answer = policy->judge(*parse_note(checkpoint));
//   if (!answer || !answer->is_met) { refuse }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/ledger/note.h"

namespace pawl::ledger {

class WitnessPolicy {
 public:
  // Of each kind: logs, witnesses, groups.
  static constexpr std::size_t kMost = 256;

  struct Log {
    VerifierKey key;
    std::string url;  // empty: none
  };
  struct Witness {
    std::string name;  // in the policy; the key's name is another thing. Octets, not always UTF-8
    VerifierKey key;   // of type kCosignature
    std::string url;   // empty: none
  };
  struct Cosigned {
    std::string name;
    std::int64_t time_s = 0;  // since 1970, by the witness's clock
  };
  struct Answer {
    bool is_met = false;
    std::vector<Cosigned> cosigned;    // in the policy's order, also those that no quorum counts
    std::vector<std::string> missing;  // whom the quorum counts and who did not cosign
  };

  static Result<WitnessPolicy> parse(std::string_view text);

  // Of a note that the caller has read as a checkpoint and whose log signature it has checked.
  // kBadSignature: a line of a listed witness is false. kUndecidable: the library failed.
  Result<Answer> judge(const Note& checkpoint) const;

  // By witness, in the policy's order: who cosigned. As many values as witnesses.
  bool is_met_by(const std::vector<bool>& cosigned) const;

  // Whether the checkpoints of this log are meant: it is listed, or no log is. Later logs of one
  // instance (docs/formats/renewal.md), which have the key of the first, are listed by any of them.
  bool accepts(const VerifierKey& log) const;

  const std::vector<Log>& logs() const { return logs_; }
  const std::vector<Witness>& witnesses() const { return witnesses_; }
  const std::string& quorum() const { return quorum_; }  // the name, "none" among them

 private:
  friend class PolicyReader;
  // A witness or a group, in the order of their lines: members stand before their group, and each
  // is a member once, so that nothing is counted twice and nothing goes in a circle.
  struct Party {
    std::string name;
    std::optional<std::size_t> witness;  // index in witnesses_; none: a group
    std::size_t threshold = 0;           // of a group, 1 to its members
    std::vector<std::size_t> members;    // of a group, indices in parties_
    bool is_counted = false;             // by the quorum
  };

  std::vector<Log> logs_;
  std::vector<Witness> witnesses_;
  std::vector<Party> parties_;
  std::string quorum_;
  std::optional<std::size_t> counted_;  // the quorum in parties_; none: "none"
};

}  // namespace pawl::ledger
