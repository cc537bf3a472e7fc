#include "app/daemon/recorded_erasures.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "foundation/jose/jws.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/source.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"
#include "infrastructure/store/record_index.h"

namespace pawl {
namespace {

constexpr std::size_t kMostOfAQuery = 10'000;  // then the log is read whole

using See = std::function<void(std::string_view token)>;

// One record: what it says of keys that are there.
void add_erasures(std::string_view token, std::set<std::string>& there,
                  std::vector<vault::Erasure>& out) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  if (!jws || json::find_string(jws->payload, {names::kClaimExecAct}) !=
                  std::string_view(kinds::kAuditErasure)) {
    return;
  }
  const std::string member =
      std::string(names::kExtPrefix) + std::string(kinds::area(kinds::kAuditErasure));
  const json::Value* keys = in_extension(jws->typ, jws->payload, {member, "keys"});
  const auto retention = text_in_extension(jws->typ, jws->payload, {member, "retention"});
  const json::Value* at = json::find(jws->payload, {names::kClaimIat});
  if (keys == nullptr || !keys->is_array() || !retention || at == nullptr || !at->is_number()) {
    return;
  }
  // The end of that second: what was kept in it and is gone went with it.
  const WallTime ordered{(at->to_number<std::int64_t>() + 1) * 1'000'000 - 1};
  for (const json::Value& key : keys->get_array()) {
    const std::string id = key.is_string() ? std::string(key.get_string()) : "";
    if (there.erase(id) == 1) {
      out.push_back(
          {id, std::string(*retention), ordered,
           std::string(json::find_string(jws->payload, {names::kClaimJti}).value_or(""))});
    }
  }
}

// Records of people's erasures, which may be many, and have one key each.
Result<std::set<std::string>> known_records(vault::Vault& vault) {
  const Result<std::vector<vault::Erasure>> erasures = vault.erasures();
  if (!erasures) {
    return fail(erasures.error());
  }
  std::set<std::string> out;
  for (const vault::Erasure& erasure : *erasures) {
    if (erasure.retention.starts_with(vault::kPersonArea) && !erasure.record.empty()) {
      out.insert(erasure.record);
    }
  }
  return out;
}

// nullopt: the index does not tell.
std::optional<std::vector<std::uint64_t>> by_index(Files& files, const std::string& path,
                                                   const std::string& log,
                                                   const std::set<std::string>& known) {
  const Result<std::unique_ptr<store::RecordIndex>> index = store::RecordIndex::open(files, path);
  if (!index || !(*index)->catch_up(files, log)) {
    return std::nullopt;
  }
  store::RecordFilter filter;
  filter.kind = kinds::kAuditErasure;
  filter.limit = kMostOfAQuery;
  const Result<std::vector<store::RecordRow>> rows = (*index)->query(filter);
  if (!rows || rows->size() == kMostOfAQuery) {
    return std::nullopt;
  }
  std::vector<std::uint64_t> out;
  for (const store::RecordRow& row : *rows) {
    if (!known.contains(row.id.text())) {
      out.push_back(row.index);
    }
  }
  std::reverse(out.begin(), out.end());  // they come newest first
  return out;
}

Status see_erasures(Files& files, const std::string& index, const std::string& log,
                    const std::set<std::string>& known, const See& see) {
  const auto entry = [&](std::uint64_t, std::string_view token) {
    see(token);
    return true;
  };
  const std::optional<std::vector<std::uint64_t>> found = by_index(files, index, log, known);
  if (found) {
    return found->empty() ? Status() : ledger::walk_at(files, log, *found, entry);
  }
  return ledger::walk(files, log, {.entry = entry, .intent = {}, .checkpoint = {}});
}

}  // namespace

Result<std::vector<vault::Erasure>> erased_but_there(Files& files, const DataFolder& folder,
                                                     vault::Vault& vault) {
  const Result<std::vector<std::string>> ids = vault.keys_in_use();
  const Result<std::set<std::string>> known =
      ids ? known_records(vault) : Result<std::set<std::string>>(fail(ids.error()));
  if (!known) {
    return fail(known.error());
  }
  std::set<std::string> there(ids->begin(), ids->end());
  std::vector<vault::Erasure> out;
  const See see = [&](std::string_view token) { add_erasures(token, there, out); };
  for (const std::uint64_t number : ledger::frozen_logs(files, folder.root)) {
    const std::string log = ledger::frozen_folder(folder.root, number);
    const Status seen =
        there.empty() ? Status() : see_erasures(files, log + "/index.sqlite", log, *known, see);
    if (!seen) {
      return fail(seen.error());
    }
  }
  if (!there.empty() && ledger::find_source(files, folder.root)) {
    const Status seen = see_erasures(files, folder.index(), folder.ledger(), *known, see);
    if (!seen) {
      return fail(seen.error());
    }
  }
  return out;
}

}  // namespace pawl
