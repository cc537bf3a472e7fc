#include "foundation/ledger/evidence_check.h"

#include <algorithm>
#include <limits>

#include "base/clock.h"
#include "base/encoding.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/signer_check.h"
#include "foundation/ledger/token_check.h"

namespace pawl::ledger {
namespace {

using What = TokenCheck::What;

struct Checked {
  const EvidenceEntry* entry = nullptr;
  bool is_key_record = false;  // of which list
  TokenCheck token;
  std::int64_t recorded_s = 0;
};

// A pinned head of another size says nothing here: no proof leads from one to the other.
std::optional<Trust> trust_at(const std::optional<Trust>& trust, std::uint64_t size) {
  std::optional<Trust> out = trust;
  if (out && out->pinned_size != size) {
    out->pinned_size = 0;
    out->pinned_root.clear();
    out->pinned_at_s.reset();
  }
  return out;
}

class EvidenceCheck {
 public:
  EvidenceCheck(const Evidence& evidence, const TreeHead& head, const std::optional<Trust>& trust)
      : evidence_(evidence),
        head_(head),
        trust_(trust_at(trust, head.size)),
        signers_(trust_ ? &*trust_ : nullptr) {}

  EvidenceReport run() {
    check_head();
    for (Checked& one : in_order()) {
      check_entry(one);
      checked_.push_back(std::move(one));
    }
    check_key_records();
    check_graph();
    fill();
    return std::move(out_);
  }

 private:
  // Of both lists, in the order of the log.
  std::vector<Checked> in_order() {
    std::vector<Checked> all;
    all.reserve(evidence_.key_records.size() + evidence_.entries.size());
    for (const EvidenceEntry& entry : evidence_.key_records) {
      all.push_back({&entry, true, {}});
    }
    for (const EvidenceEntry& entry : evidence_.entries) {
      all.push_back({&entry, false, {}});
    }
    std::stable_sort(all.begin(), all.end(), [](const Checked& a, const Checked& b) {
      return a.entry->index < b.entry->index;
    });
    const auto twice = std::adjacent_find(
        all.begin(), all.end(),
        [](const Checked& a, const Checked& b) { return a.entry->index == b.entry->index; });
    if (twice != all.end()) {
      note_bad("entry " + std::to_string(twice->entry->index) + " stands in the file twice");
    }
    if (all.front().entry->index != 0 || !all.front().is_key_record) {
      note_bad("the first of its key records is not entry 0, which tells the first key");
    }
    return all;
  }

  void check_head() {
    const std::string name = "checkpoint of size " + std::to_string(head_.size);
    const auto check = [&](const std::string& vkey, const std::string& whose) {
      const Result<VerifierKey> key = VerifierKey::parse(vkey);
      const Result<TreeHead> opened =
          key ? open_checkpoint(evidence_.checkpoint, *key) : fail(key.error());
      if (!opened) {
        const std::string what = name + ": " + opened.error().message + whose;
        if (opened.error().code == Code::kUndecidable) {
          note_unknown(what);
        } else {
          note_bad(what);
        }
      }
    };
    check(evidence_.keys.log_vkey, " (by the key that the file names)");
    if (!trust_) {
      return;
    }
    check(trust_->log_vkey, "");
    if (!trust_->pinned_root.empty() && base64_encode(view(head_.root)) != trust_->pinned_root) {
      note_bad(name + ": another root was pinned for this size");
    }
  }

  void check_entry(Checked& one) {
    const EvidenceEntry& entry = *one.entry;
    TokenCheck& check = one.token;
    if (!check_inclusion(hash_leaf(entry.token), entry.index, head_.size, entry.path, head_.root)) {
      note_bad("entry " + std::to_string(entry.index) +
               ": its proof does not lead from the token to the checkpoint");
    }
    check = check_token(entry.token, std::nullopt, trust_ ? &*trust_ : nullptr,
                        [this](std::string_view kid) { return signers_.find(kid); });
    signers_.add(entry.index, check);
    recorded_s_ = std::max(recorded_s_, check.iat);
    one.recorded_s = recorded_s_;
    const std::string name =
        "entry " + std::to_string(entry.index) + (check.id.empty() ? "" : " (id " + check.id + ")");
    if (check.what == What::kBad) {
      note_bad(name + ": " + check.reason);
    } else if (check.what == What::kUnknown) {
      note_unknown(name + ": " + check.reason);
    }
    out_.report.tokens_verified += check.verified ? 1 : 0;
    if (!one.is_key_record && !check.outcome.empty()) {
      ++out_.report.outcomes[check.outcome];
    }
  }

  // Entry 0, records about keys, and what shows since when it was as late as a compromise.
  void check_key_records() {
    std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
    for (const Checked& one : checked_) {
      const std::optional<KeyRecord>& record = one.token.key_record;
      if (record && record->what == KeyRecord::What::kCompromised) {
        earliest = std::min(earliest, record->since_s);
      }
    }
    for (const Checked& one : checked_) {
      if (one.is_key_record && one.entry->index != 0 && !one.token.key_record &&
          one.token.iat < earliest) {
        note_bad("entry " + std::to_string(one.entry->index) + " (id " + one.token.id +
                 "): it stands among the key records and says nothing of keys");
      }
    }
    out_.key_records = evidence_.key_records.size();
  }

  void check_graph() {
    std::vector<GraphNode> nodes;
    for (const Checked& one : checked_) {
      if (one.is_key_record || !one.token.is_record) {
        continue;  // what is no record was named already
      }
      const Result<jose::Jws> jws = jose::decode(one.entry->token, one.entry->token.size() + 1);
      const Result<ect::Token> token = jws ? ect::read(*jws) : fail(jws.error());
      if (token) {
        nodes.push_back(graph_node(one.entry->index, token->claims));
      }
    }
    Result<EvidenceGraph> graph = read_evidence_graph(nodes, evidence_.workflow);
    if (!graph) {
      note_bad(graph.error().message);
      return;
    }
    out_.graph = *std::move(graph);
    check_missing();
  }

  void check_missing() {
    const std::vector<MissingParent>& found = out_.graph.missing;
    const std::vector<Uuid>& named = evidence_.missing;
    for (const MissingParent& parent : found) {
      const std::string what = "entry " + std::to_string(parent.child) + " came from " +
                               parent.id.text() + ", which the file does not have";
      if (!std::binary_search(named.begin(), named.end(), parent.id)) {
        note_bad(what + " and does not name as missing");
      } else if (!parent.is_accounted) {
        note_unknown(what +
                     ": by the record it was recorded here, so it was left out, or stands "
                     "in an earlier log");
      }
    }
    for (const Uuid& id : named) {
      if (std::none_of(found.begin(), found.end(),
                       [&](const MissingParent& parent) { return parent.id == id; })) {
        note_bad("it names " + id.text() +
                 " as missing, which nothing in it came from, or which "
                 "it has");
      }
    }
  }

  // Of the records that are shown, not of those about keys.
  void find_suspects() {
    SuspectEntries& suspect = out_.report.suspect;
    suspect = {};
    for (const Checked& one : checked_) {
      const auto why = out_.report.keys.suspicion(one.token.kid);
      const bool is_older_pin =
          why && trust_ && trust_->pinned_at_s && *trust_->pinned_at_s < why->since_s;
      if (one.is_key_record || !why || one.recorded_s < why->from_s || is_older_pin) {
        continue;
      }
      suspect.since_s =
          suspect.entries == 0 ? why->since_s : std::min(suspect.since_s, why->since_s);
      suspect.first = suspect.entries == 0 ? one.entry->index : suspect.first;
      suspect.last = one.entry->index;
      ++suspect.entries;
    }
  }

  void fill() {
    Report& report = out_.report;
    signers_.fill(report);
    find_suspects();
    report.entries = checked_.size();
    report.size = head_.size;
    report.checkpoint = evidence_.checkpoint;
    report.first_bad = bad_;
    if (!bad_.empty()) {
      report.verdict = Verdict::kBad;
      report.reason = "not proven: " + bad_;
    } else if (!unknown_.empty()) {
      report.reason = "cannot decide: " + unknown_;
    } else if (report.suspect.entries > 0) {
      report.reason = "cannot decide: " + std::to_string(report.suspect.entries) +
                      (report.suspect.entries == 1 ? " of the entries is suspect: its key"
                                                   : " of the entries are suspect: their key") +
                      " was reported as compromised since " +
                      format_rfc3339(WallTime{report.suspect.since_s * 1'000'000});
    } else if (!trust_) {
      report.reason =
          "cannot decide: nothing contradicts itself, but who signed it needs keys that you trust: "
          "pin them with `pawl trust pin`, and verify with --trust FILE";
    } else {
      report.verdict = Verdict::kGood;
      report.reason = std::to_string(out_.graph.of_workflow) +
                      (out_.graph.of_workflow == 1 ? " record" : " records") + " of workflow " +
                      evidence_.workflow.text() +
                      (out_.graph.of_workflow == 1 ? " stands" : " stand") + " in the log " +
                      head_.origin + " of size " + std::to_string(head_.size);
    }
  }

  void note_bad(const std::string& what) { bad_ = bad_.empty() ? what : bad_; }
  void note_unknown(const std::string& what) { unknown_ = unknown_.empty() ? what : unknown_; }

  const Evidence& evidence_;
  const TreeHead& head_;
  const std::optional<Trust> trust_;
  SignerCheck signers_;
  std::int64_t recorded_s_ = 0;
  std::vector<Checked> checked_;
  std::string bad_, unknown_;
  EvidenceReport out_;
};

}  // namespace

EvidenceReport check_evidence(const Evidence& evidence, const std::optional<Trust>& trust) {
  const Result<TreeHead> head = read_checkpoint(evidence.checkpoint);
  if (!head) {
    EvidenceReport out;
    out.report.verdict = Verdict::kBad;
    out.report.first_bad = "the checkpoint does not parse: " + head.error().message;
    out.report.reason = "not proven: " + out.report.first_bad;
    return out;
  }
  return EvidenceCheck(evidence, *head, trust).run();
}

}  // namespace pawl::ledger
