// Whether the keys of objects are still there: Vault, without opening what has one.
#include <set>

#include "foundation/crypto/wipe.h"
#include "foundation/vault/vault_store.h"

namespace pawl::vault {
namespace {

constexpr std::size_t kMostLost = 20;

}  // namespace

// A key that is not in the listing may have been replaced, erased or lost: get() tells which.
Result<std::vector<Vault::Item>> Vault::lost_keys(const Areas& areas, KeysOfObjects& known) {
  const Result<std::vector<std::string>> names = object_names(areas);
  const Result<std::vector<std::string>> ids = names ? stems(keys(), ".key") : fail(names.error());
  if (!ids) {
    return fail(ids.error());
  }
  const std::set<std::string> there(ids->begin(), ids->end());
  KeysOfObjects seen;
  std::vector<Item> out;
  for (const std::string& name : *names) {
    const auto before = known.find(name);
    std::string id = before != known.end() ? before->second : "";
    if (!there.contains(id)) {
      const Result<ObjectHead> head = head_of(name);
      id = head ? head->key_id : "";
    }
    if (there.contains(id) || out.size() >= kMostLost) {
      seen.emplace(name, id);
      continue;
    }
    Result<std::string> content = get(name);
    if (content) {
      wipe(*content);
    } else if (content.error().code != Code::kNotFound) {  // that is: erased
      out.push_back({name, name, id, {}, Item::State::kBad, content.error().message, ""});
    }
  }
  known = std::move(seen);
  return out;
}

}  // namespace pawl::vault
