#include "tests/powercut/promises.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/merkle.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/pruned_tree.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
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

Status add_record(ChainView& chain, std::uint64_t log, std::uint64_t index,
                  std::string_view token) {
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
  chain.records.emplace(
      *id, ChainView::Outcome{
               log, index, std::string(text_at(payload->value, {"ect_ext", member, "outcome"}))});
  if (act == kinds::kOverrideApplied) {
    if (const Result<Uuid> stop =
            Uuid::parse(text_at(payload->value, {"ect_ext", member, "stop", "id"}))) {
      chain.stops_applied.insert(*stop);
    }
  }
  if (act == kinds::kIdentityRevoked) {
    if (const Result<Uuid> revoked =
            Uuid::parse(text_at(payload->value, {"ect_ext", member, "revocation", "id"}))) {
      chain.revoked.insert(*revoked);
    }
  }
  return {};
}

std::string check_call(const ChainView& chain, const Uuid& id, const Promises::Effect* effect,
                       bool must_have_record) {
  const auto [begin, end] = chain.records.equal_range(id);
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

// The leaves of a pruned log below its minimum index; of another log there are none.
Result<std::vector<Digest>> pruned_leaves(Files& files, const std::string& folder) {
  std::vector<Digest> leaves;
  const Result<std::optional<ledger::Minimum>> minimum = ledger::read_minimum(files, folder);
  if (!minimum || !*minimum) {
    return minimum ? Result<std::vector<Digest>>(leaves) : fail(minimum.error());
  }
  const Result<std::unique_ptr<ledger::PrunedTree>> tree =
      ledger::PrunedTree::open(files, folder, (*minimum)->index);
  while (tree && leaves.size() < (*minimum)->index) {
    const Result<std::vector<Digest>> tile =
        (*tree)->tiles().tile(0, leaves.size() / ledger::kTileWidth);
    if (!tile) {
      return fail(tile.error());
    }
    leaves.insert(leaves.end(), tile->begin(), tile->end());
  }
  return tree ? Result<std::vector<Digest>>(std::move(leaves)) : fail(tree.error());
}

Result<LogView> view_log(Files& files, const std::string& folder, std::uint64_t number,
                         std::uint64_t known, ChainView& chain) {
  LogView log;
  ledger::Frontier tree;
  Status parsed;
  log.roots[0] = ledger::empty_root();
  const Result<std::vector<Digest>> gone = pruned_leaves(files, folder);
  if (!gone) {
    return fail(gone.error());
  }
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    while (log.tokens.size() < std::min<std::uint64_t>(index, gone->size())) {
      tree.append((*gone)[log.tokens.size()]);
      log.tokens.emplace_back();  // pruned
      log.roots[tree.size()] = tree.root();
    }
    log.tokens.emplace_back(token);
    tree.append(ledger::hash_leaf(token));
    log.roots[tree.size()] = index < known ? Digest{} : tree.root();
    if (index >= known) {
      parsed = add_record(chain, number, index, token);
    }
    return parsed.has_value();
  };
  visitor.intent = [&](const ledger::Intent& intent) { chain.intents.insert(intent.id); };
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
  const Result<std::optional<ledger::Opened>> opened = ledger::read_opened(files, folder);
  if (!opened) {
    return fail(opened.error());
  }
  if (*opened) {
    log.goes_on_from = (*opened)->size_before;
  }
  return log;
}

std::string name_of(std::uint64_t log, std::uint64_t index) {
  return std::to_string(index) + " of log " + std::to_string(log);
}

std::string check_records(const Promises& promises, const ChainView& chain) {
  for (const auto& [at, token] : promises.records) {
    const auto log = chain.logs.find(at.first);
    if (log == chain.logs.end()) {
      return "log " + std::to_string(at.first) + " is lost";
    }
    const std::vector<std::string>& tokens = log->second.tokens;
    if (at.second >= tokens.size()) {
      return "the acknowledged record " + name_of(at.first, at.second) + " is lost: it has " +
             std::to_string(tokens.size());
    }
    if (tokens[at.second] != token) {
      return "the acknowledged record " + name_of(at.first, at.second) + " has other bytes";
    }
  }
  return "";
}

std::string check_head(const ChainView& chain, const std::string& note) {
  const Result<ledger::TreeHead> head = ledger::read_checkpoint(note);
  if (!head) {
    return "a checkpoint does not parse: " + head.error().message;
  }
  const auto log = chain.logs.find(ledger::log_name(head->origin).number);
  if (log == chain.logs.end()) {
    return "a checkpoint is of " + head->origin + ", which is lost";
  }
  const auto root = log->second.roots.find(head->size);
  if (root == log->second.roots.end()) {
    return "a checkpoint covers " + std::to_string(head->size) + " entries, " + head->origin +
           " has " + std::to_string(log->second.tokens.size());
  }
  return root->second == head->root
             ? ""
             : "a checkpoint of size " + std::to_string(head->size) + " is of another tree";
}

std::string check_heads(const Promises& promises, const ChainView& chain) {
  std::set<std::string> heads = promises.heads;
  for (const auto& [number, log] : chain.logs) {
    for (const auto& [size, notes] : log.heads) {
      heads.insert(notes.begin(), notes.end());
    }
  }
  for (const std::string& note : heads) {
    if (std::string bad = check_head(chain, note); !bad.empty()) {
      return bad;
    }
  }
  return "";
}

std::string check_chain(const Promises& promises, const ChainView& chain) {
  if (chain.logs.rbegin()->first < promises.logs) {
    return "log " + std::to_string(promises.logs) + " was begun, and is lost";
  }
  for (const auto& [number, log] : chain.logs) {
    const auto before = chain.logs.find(number - 1);
    const std::uint64_t kept = before == chain.logs.end() ? 0 : before->second.tokens.size();
    if (number > 1 && log.goes_on_from != kept) {
      return "log " + std::to_string(number) + " goes on from " +
             std::to_string(log.goes_on_from.value_or(0)) + " entries, and the one before has " +
             std::to_string(kept);
    }
  }
  return "";
}

}  // namespace

Result<ChainView> view_logs(Files& files, const std::string& data, std::uint64_t known) {
  ChainView chain;
  std::map<std::uint64_t, std::string> folders;
  for (const std::uint64_t number : ledger::frozen_logs(files, data)) {
    folders[number] = ledger::frozen_folder(data, number);
  }
  const std::string current = data + "/ledger";
  const Result<std::optional<ledger::Opened>> opened = ledger::read_opened(files, current);
  if (!opened) {
    return fail(opened.error());
  }
  folders[*opened ? (*opened)->number : 1] = current;
  for (const auto& [number, folder] : folders) {
    Result<LogView> log = view_log(files, folder, number, number == 1 ? known : 0, chain);
    if (!log) {
      return fail_at(folder, log.error());
    }
    chain.logs[number] = *std::move(log);
  }
  return chain;
}

std::string check_logs(const Promises& promises, const ChainView& chain) {
  for (const auto check : {check_records, check_chain}) {
    if (std::string bad = check(promises, chain); !bad.empty()) {
      return bad;
    }
  }
  for (const auto& [id, effect] : promises.effects) {
    if (std::string bad = check_call(chain, id, &effect, !effect.may_lack_record); !bad.empty()) {
      return bad;
    }
  }
  for (const Uuid& id : promises.asked) {
    const auto effect = promises.effects.find(id);
    const bool has_effect = effect != promises.effects.end();
    if (std::string bad = check_call(chain, id, has_effect ? &effect->second : nullptr,
                                     chain.intents.contains(id));
        !bad.empty()) {
      return bad;
    }
  }
  return check_heads(promises, chain);
}

std::string check_head_file(const Promises& promises, const std::optional<std::string>& note) {
  if (promises.head_file.empty()) {
    return "";
  }
  const Result<ledger::TreeHead> kept = ledger::read_checkpoint(promises.head_file);
  const Result<ledger::TreeHead> head = ledger::read_checkpoint(note.value_or(""));
  if (!kept || !head) {
    return "the head file is not there, or not whole";
  }
  const auto age = [](const ledger::TreeHead& one) {
    return std::pair(ledger::log_name(one.origin).number, one.size);
  };
  return age(*head) < age(*kept) ? "the head file is older than it was" : "";
}

}  // namespace pawl::powercut
