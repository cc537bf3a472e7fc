#include "app/daemon/witness_client.h"

#include <charconv>

#include "base/encoding.h"
#include "base/log.h"
#include "foundation/witness/add_checkpoint.h"

namespace pawl {
namespace {

// "SIZE\n", the body of a 409.
std::optional<std::uint64_t> named_size(std::string_view body) {
  if (!body.ends_with('\n')) {
    return std::nullopt;
  }
  const Result<std::uint64_t> size = ledger::parse_decimal(body.substr(0, body.size() - 1));
  return size ? std::optional(*size) : std::nullopt;
}

std::string first_line(std::string_view body) {
  return std::string(body.substr(0, std::min<std::size_t>(body.find('\n'), 200)));
}

std::string entries(std::uint64_t size) {
  return std::to_string(size) + (size == 1 ? " entry" : " entries");
}

}  // namespace

WitnessClient::WitnessClient(Parts parts, Times times)
    : parts_(std::move(parts)),
      times_(times),
      log_(*ledger::VerifierKey::parse(parts_.ledger.vkey())),
      witnesses_(parts_.cosigned.policy().witnesses().size()) {}

void WitnessClient::tick() {
  const BootTime now = parts_.clock.boot();
  const std::int64_t every_us = std::chrono::microseconds(times_.every).count();
  if (last_round_ && now.us - last_round_->us < every_us) {
    return;
  }
  // The published one: it is durable, so no witness learns of entries that a crash takes back.
  const Result<std::string> checkpoint = parts_.ledger.resource("checkpoint");
  const Result<ledger::TreeHead> head =
      checkpoint ? ledger::read_checkpoint(*checkpoint) : fail(checkpoint.error());
  if (head) {
    last_round_ = now;
    begin_round(*checkpoint, head->size);
  }
}

void WitnessClient::begin_round(const std::string& checkpoint, std::uint64_t size) {
  for (std::size_t i = 0; i < witnesses_.size(); ++i) {
    WitnessState& witness = witnesses_[i];
    const bool is_named = !parts_.cosigned.policy().witnesses()[i].url.empty();
    if (!is_named || witness.is_asked || witness.cosigned == checkpoint) {
      continue;
    }
    const std::uint64_t known = witness.known.value_or(0);
    witness.is_asked = true;
    ask({i, checkpoint, size, known <= size ? known : 0, true});
  }
}

void WitnessClient::send(std::size_t witness, const std::string& path, std::string body,
                         std::function<void(const Result<http::Response>&)> done) {
  http::ClientRequest request;
  std::string url = parts_.cosigned.policy().witnesses()[witness].url;
  while (url.ends_with('/')) {
    url.pop_back();
  }
  request.url = url + path;
  request.method = body.empty() ? "GET" : "POST";
  request.body = std::move(body);
  request.timeouts.total = times_.timeout;
  parts_.fetch(std::move(request), [alive = std::weak_ptr<int>(alive_),
                                    done = std::move(done)](const Result<http::Response>& answer) {
    if (!alive.expired()) {
      done(answer);
    }
  });
}

void WitnessClient::ask(Question question) {
  witness::AddCheckpoint asked{question.old_size, {}, question.checkpoint};
  if (question.old_size > 0) {
    Result<ledger::Proof> proof = parts_.ledger.consistency(question.old_size, question.size);
    if (!proof) {
      failed(question.witness, "no proof for it: " + proof.error().message);
      return;
    }
    asked.proof = *std::move(proof);
  }
  const std::size_t to = question.witness;
  send(to, "/add-checkpoint", witness::print_add_checkpoint(asked),
       [this, question = std::move(question)](const Result<http::Response>& answer) {
         answered(question, answer);
       });
}

void WitnessClient::answered(Question question, const Result<http::Response>& answer) {
  WitnessState& witness = witnesses_[question.witness];
  if (!answer) {
    failed(question.witness, answer.error().message);
    return;
  }
  if (answer->status == 200) {
    const Status added = parts_.cosigned.add(question.checkpoint, question.witness, answer->body);
    if (!added) {
      failed(question.witness, "its answer is no cosignature: " + added.error().message);
      return;
    }
    witness.is_asked = false;
    witness.known = question.size;
    witness.cosigned = question.checkpoint;
    witness.cosigned_at = parts_.clock.boot();
    witness.trouble.clear();
    ++witness.cosignatures;
    if (witness.conflict && !witness.conflict->is_proven) {
      witness.conflict.reset();
    }
    return;
  }
  const std::optional<std::uint64_t> size =
      answer->status == 409 ? named_size(answer->body) : std::nullopt;
  if (size && *size <= question.size && *size != question.old_size && question.may_repeat) {
    question.old_size = *size;
    question.may_repeat = false;
    witness.known = size;
    ask(std::move(question));
    return;
  }
  if (size || answer->status == 422) {
    conflicting(question, size.value_or(question.old_size));
    return;
  }
  failed(question.witness,
         "answers " + std::to_string(answer->status) + ": " + first_line(answer->body));
}

// What it says cannot be said of one history: of `size` entries, which it cosigned before.
void WitnessClient::conflicting(const Question& question, std::uint64_t size) {
  WitnessConflict claim;
  const std::uint64_t ours = parts_.ledger.size();
  if (size > ours) {
    claim.what = "it cosigned " + entries(size) + " of this log, which has " + entries(ours);
    witnesses_[question.witness].known.reset();
  } else {
    claim.what = "it cosigned another history of this log, of " + entries(size);
  }
  look_closer(question.witness, std::move(claim));
}

void WitnessClient::look_closer(std::size_t witness, WitnessConflict claim) {
  send(witness, "/" + hex_encode(view(sha256(log_.name))) + "/checkpoint", "",
       [this, witness, claim = std::move(claim)](const Result<http::Response>& shown) {
         judge_claim(witness, claim, shown);
       });
}

// Its newest checkpoint of this log, if it shows one, proves the claim or takes it back.
void WitnessClient::judge_claim(std::size_t witness, WitnessConflict claim,
                                const Result<http::Response>& shown) {
  const Result<ledger::TreeHead> head =
      shown && shown->status == 200
          ? ledger::open_checkpoint(shown->body, log_)
          : Result<ledger::TreeHead>(fail(Code::kNotFound, "it shows no checkpoint of this log"));
  const Result<Digest> root =
      head && head->size <= parts_.ledger.size() ? parts_.ledger.root_at(head->size) : Digest{};
  WitnessState& state = witnesses_[witness];
  if (head && root && *root == head->root) {
    failed(witness, "it refuses our proof, and its own newest checkpoint fits our log");
    return;
  }
  claim.is_proven = head.has_value() && root.has_value();
  if (claim.is_proven) {
    claim.evidence = shown->body;
  }
  const std::string& name = parts_.cosigned.policy().witnesses()[witness].name;
  const bool was_proven = state.conflict && state.conflict->is_proven;
  const bool is_shown = state.conflict && !state.conflict->file.empty();
  if (claim.is_proven && !is_shown) {
    claim.file = parts_.raise(claim.evidence, "witness " + name);
  }
  // What is proven stays, but for what can be shown to others.
  const bool is_news = was_proven ? !claim.file.empty()
                                  : !state.conflict || state.conflict->what != claim.what ||
                                        state.conflict->is_proven != claim.is_proven;
  if (is_news) {
    log(LogLevel::kError, "witness_conflict",
        {{"witness", name},
         {"what", claim.what},
         {"proven", claim.is_proven ? "yes" : "no"},
         {"evidence", claim.evidence}});
    state.conflict = claim;
  }
  failed(witness, claim.what);
}

void WitnessClient::failed(std::size_t witness, std::string why) {
  WitnessState& state = witnesses_[witness];
  if (state.trouble != why) {
    log(LogLevel::kWarn, "witness_failed",
        {{"witness", parts_.cosigned.policy().witnesses()[witness].name}, {"why", why}});
  }
  state.is_asked = false;
  state.trouble = std::move(why);
  ++state.failures;
}

}  // namespace pawl
