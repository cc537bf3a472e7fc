#include "tests/powercut/promises.h"

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/reader.h"
#include "foundation/records/kinds.h"

namespace pawl::powercut {
namespace {

Result<json::Parsed> payload_of(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  const Result<std::string> text = base64url_decode(token.substr(first + 1, second - first - 1));
  return text ? json::parse(*text) : Result<json::Parsed>(fail(text.error()));
}

std::string_view text_at(const json::Value& value, std::initializer_list<std::string_view> path) {
  return json::find_string(value, path).value_or("");
}

Status add_record(LogView& log, std::uint64_t index, std::string_view token) {
  const Result<json::Parsed> payload = payload_of(token);
  if (!payload) {
    return fail(payload.error());
  }
  const std::string_view act = text_at(payload->value, {"exec_act"});
  const std::string member = "pawl." + std::string(kinds::area(act));
  const Result<Uuid> id = Uuid::parse(text_at(payload->value, {"jti"}));
  if (!id) {
    return fail(id.error());
  }
  log.records.emplace(
      *id, LogView::Outcome{index,
                            std::string(text_at(payload->value, {"ect_ext", member, "outcome"}))});
  if (act == kinds::kOverrideApplied) {
    if (const Result<Uuid> stop =
            Uuid::parse(text_at(payload->value, {"ect_ext", member, "stop", "id"}))) {
      log.stops_applied.insert(*stop);
    }
  }
  return {};
}

std::string check_call(const LogView& log, const Uuid& id, const Promises::Effect* effect,
                       bool must_have_record) {
  const auto [begin, end] = log.records.equal_range(id);
  const auto count = std::distance(begin, end);
  if (count > 1) {
    return "call " + id.text() + " has " + std::to_string(count) + " records";
  }
  if (count == 0) {
    return must_have_record ? (effect != nullptr ? "the executed call " : "the intent ") +
                                  id.text() + " has no record"
                            : "";
  }
  const std::string& outcome = begin->second.outcome;
  const bool good =
      outcome == "confirmed" && !(effect != nullptr && effect->answered && effect->success);
  const bool bad = outcome == "failed" && !(effect != nullptr && effect->answered);
  if (effect != nullptr && outcome != "confirmed" && outcome != "failed" && outcome != "unknown") {
    return "the executed call " + id.text() + " is recorded as " + outcome;
  }
  return good || bad ? "call " + id.text() + " is recorded as " + outcome +
                           ", which the upstream did not say"
                     : "";
}

}  // namespace

Result<LogView> view_log(Files& files, const std::string& folder, std::uint64_t known) {
  LogView log;
  ledger::Frontier tree;
  Status parsed;
  log.roots[0] = ledger::empty_root();
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    log.tokens.emplace_back(token);
    tree.append(ledger::hash_leaf(token));
    log.roots[tree.size()] = index < known ? Digest{} : tree.root();
    if (index >= known) {
      parsed = add_record(log, index, token);
    }
    return parsed.has_value();
  };
  visitor.intent = [&](const ledger::Intent& intent) { log.intents.insert(intent.id); };
  visitor.checkpoint = [&](const ledger::Checkpoint& head) {
    if (head.size == tree.size()) {
      log.roots[head.size] = tree.root();
    }
    log.heads[head.size].insert(head.note);
  };
  Status walked = ledger::walk(files, folder, visitor);
  if (!walked || !parsed) {
    return fail(walked ? parsed.error() : walked.error());
  }
  return log;
}

std::string check_log(const Promises& promises, const LogView& log) {
  for (const auto& [index, token] : promises.records) {
    if (index >= log.tokens.size()) {
      return "the acknowledged record " + std::to_string(index) + " is lost: the log has " +
             std::to_string(log.tokens.size());
    }
    if (log.tokens[index] != token) {
      return "the acknowledged record " + std::to_string(index) + " has other bytes";
    }
  }
  for (const auto& [id, effect] : promises.effects) {
    if (std::string bad = check_call(log, id, &effect, !effect.may_lack_record); !bad.empty()) {
      return bad;
    }
  }
  for (const Uuid& id : promises.asked) {
    const auto effect = promises.effects.find(id);
    const bool has_effect = effect != promises.effects.end();
    if (std::string bad =
            check_call(log, id, has_effect ? &effect->second : nullptr, log.intents.contains(id));
        !bad.empty()) {
      return bad;
    }
  }
  std::set<std::string> heads = promises.heads;
  for (const auto& [size, notes] : log.heads) {
    heads.insert(notes.begin(), notes.end());
  }
  for (const std::string& note : heads) {
    const Result<ledger::TreeHead> head = ledger::read_checkpoint(note);
    if (!head) {
      return "a checkpoint does not parse: " + head.error().message;
    }
    const auto root = log.roots.find(head->size);
    if (root == log.roots.end()) {
      return "a checkpoint covers " + std::to_string(head->size) + " entries, the log has " +
             std::to_string(log.tokens.size());
    }
    if (root->second != head->root) {
      return "a checkpoint of size " + std::to_string(head->size) + " is of another tree";
    }
  }
  return "";
}

}  // namespace pawl::powercut
