#include "foundation/witness/witness.h"

#include <algorithm>

namespace pawl::witness {
namespace {

constexpr int kGood = 200, kBadRequest = 400, kForbidden = 403, kNotFound = 404, kConflict = 409,
              kUnprocessable = 422, kInternal = 500;

Decision refuse(int status, std::string why) {
  Decision decision;
  decision.status = status;
  decision.body = std::move(why) + "\n";
  return decision;
}

// The log's lines that verify. kBadSignature: none does, or one of a trusted key is false.
Result<std::string> verified_lines(const Submission& asked,
                                   const std::vector<ledger::VerifierKey>& log) {
  std::string lines;
  for (const ledger::NoteSignature& signature : asked.note.signatures) {
    const auto key = std::find_if(log.begin(), log.end(), [&](const ledger::VerifierKey& one) {
      return one.name == signature.name && one.key_id == signature.key_id;
    });
    if (key == log.end()) {
      continue;
    }
    if (Status good = ledger::verify_note({asked.note.text, {signature}}, *key); !good) {
      return fail(good.error());
    }
    lines += ledger::print_signature(signature);
  }
  return lines.empty() ? Result<std::string>(
                             fail(Code::kBadSignature,
                                  "no signature by a key trusted for the log " + asked.head.origin))
                       : lines;
}

// What RFC 6962 says of both heads; empty: the new one extends the old one.
std::string inconsistency(const Held& held, const Submission& asked) {
  const ledger::TreeHead& head = asked.head;
  const ledger::Proof& proof = asked.asked.proof;
  if (head.size == 0 && head.root != ledger::empty_root()) {
    return "a tree of size 0 has the root of the empty tree";
  }
  if (held.size == 0) {
    return proof.empty() ? "" : "from size 0 the proof is empty";
  }
  return ledger::check_consistency(held.size, held.root, head.size, head.root, proof)
             ? ""
             : "the proof does not show that size " + std::to_string(head.size) +
                   " extends what was cosigned of size " + std::to_string(held.size);
}

// The head that was cosigned and the one that is shown, where they prove to anybody that the log
// signed two histories. The proof that was sent can show it, unless the held size is a power of
// two: then it leaves out what it goes on from.
std::optional<ledger::Equivocation> evidence_of(const Held& held, const Submission& asked,
                                                const std::vector<ledger::VerifierKey>& log) {
  if (held.note.empty()) {
    return std::nullopt;
  }
  const bool is_longer = held.size < asked.head.size;
  const ledger::Proof proof = is_longer ? asked.asked.proof : ledger::Proof{};
  for (const ledger::VerifierKey& key : log) {
    if (auto evidence = ledger::contradiction(held.note, asked.asked.note, proof, key)) {
      return evidence;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Submission> read_submission(std::string_view body) {
  Result<AddCheckpoint> asked = parse_add_checkpoint(body);
  if (!asked) {
    return fail(asked.error());
  }
  Result<ledger::Note> note = ledger::parse_note(asked->note);
  Result<ledger::TreeHead> head = note ? ledger::parse_head(note->text) : fail(note.error());
  if (!head) {
    return fail(head.error());
  }
  return Submission{*std::move(asked), *std::move(note), *std::move(head)};
}

Decision decide(const Held& held, const Submission& asked,
                const std::vector<ledger::VerifierKey>& log, const ledger::Cosigner& self,
                std::int64_t now_s) {
  const ledger::TreeHead& head = asked.head;
  if (log.empty()) {
    return refuse(kNotFound, "the log " + head.origin + " is not known here");
  }
  const Result<std::string> lines = verified_lines(asked, log);
  if (!lines) {
    return refuse(kForbidden, lines.error().message);
  }
  const bool contradicts = !held.note.empty() && head.size == held.size && head.root != held.root;
  Decision decision;
  if (asked.asked.old_size > head.size) {
    decision = refuse(kBadRequest, "the old size is larger than the checkpoint's");
  } else if (asked.asked.old_size != held.size) {
    decision = refuse(kConflict, std::to_string(held.size));
    decision.content_type = "text/x.tlog.size";
  } else if (const std::string why = inconsistency(held, asked); !why.empty()) {
    decision = refuse(kUnprocessable, why);
  } else {
    const std::int64_t time_s = std::max({now_s, held.time_s, std::int64_t{1}});
    Result<std::string> line = self.cosign(asked.note.text, time_s);
    if (!line) {
      return refuse(kInternal, line.error().message);
    }
    decision.status = kGood;
    decision.next = Held{head.size, head.root, time_s, asked.note.text + "\n" + *lines + *line};
    decision.body = *std::move(line);
  }
  if (decision.status != kGood) {
    decision.evidence = evidence_of(held, asked, log);
  }
  decision.contradicts = contradicts || decision.evidence;
  return decision;
}

Result<std::pair<std::string, Held>> read_held(std::string note, const ledger::VerifierKey& self) {
  const Result<ledger::Note> parsed = ledger::parse_note(note);
  Result<ledger::TreeHead> head = parsed ? ledger::parse_head(parsed->text) : fail(parsed.error());
  if (!head) {
    return fail(head.error());
  }
  const Result<std::int64_t> time_s = ledger::check_cosignature(*parsed, self);
  if (!time_s) {
    return fail(time_s.error());
  }
  Held held{head->size, head->root, *time_s, std::move(note)};
  return std::pair{std::move(head->origin), std::move(held)};
}

}  // namespace pawl::witness
