#include "app/commands/vault_command.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <ostream>
#include <thread>

#include "app/commands/body_check.h"
#include "app/commands/local_http.h"
#include "app/commands/secret_input.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/config/vault_secrets.h"
#include "app/daemon/recorded_erasures.h"
#include "foundation/crypto/wipe.h"
#include "foundation/vault/vault_store.h"

namespace pawl {
namespace {

using Item = vault::Vault::Item;

// Changes take some syncs each, so somebody who comes meanwhile waits rather than fails.
constexpr auto kPoll = std::chrono::milliseconds(10);
constexpr int kMaxPolls = 500;

template <typename Act>
auto when_unlocked(Act act) {
  auto result = act();
  for (int polls = 0; !result && result.error().code == Code::kConflict && polls < kMaxPolls;
       ++polls) {
    std::this_thread::sleep_for(kPoll);
    result = act();
  }
  return result;
}

int put(Context& context, const std::string& name) {
  const Result<DataFolder> folder = data_folder(context);
  Result<std::string> secret =
      folder ? read_secret(context, "pawl vault put NAME < FILE") : fail(folder.error());
  if (!secret) {
    return report(context, secret.error());
  }
  const WipedAtEnd wiped(*secret);
  vault::Vault vault(context.files, folder->root);
  const Status stored = when_unlocked([&] {
    return vault.put(secret_object(name), *secret, context.clock.wall(), context.random);
  });
  if (!stored) {
    return report(context, stored.error(),
                  stored.error().code == Code::kInvalidParams ? kExitUnclear : kExitBad);
  }
  if (context.io.json) {
    context.io.out << json::print(json::Object{{"name", name}, {"stored", true}}) << '\n';
  } else {
    context.io.out << labelled("stored", name)
                   << labelled("next", "vault:" + name +
                                           " in pawl.yaml; a running daemon takes the new value "
                                           "at its restart");
  }
  return kExitGood;
}

const char* state_of(const Item& item) {
  switch (item.state) {
    case Item::State::kGood:
      return "good";
    case Item::State::kErased:
      return "erased";
    case Item::State::kErasing:
      return "erasing";
    case Item::State::kBad:
      break;
  }
  return "unusable";
}

std::string words_of(const Item& item) {
  const std::string when = shown_time(item.made.seconds());
  switch (item.state) {
    case Item::State::kGood:
      return "put " + when + ", key " + item.key_id;
    case Item::State::kErased:
      return "erased " + when + ", record " + item.record;
    case Item::State::kErasing:
      return "is being erased, ordered " + when + ", key " + item.key_id;
    case Item::State::kBad:
      break;
  }
  return "UNUSABLE: " + item.problem;
}

// Bodies that open are counted by what they are erased with, and people: nobody reads a list of
// them.
std::vector<Item> summed(std::vector<Item> items, std::map<std::string, std::size_t>& many) {
  std::erase_if(items, [&](Item& item) {
    const bool is_person = item.name.starts_with(vault::kPersonArea);
    if (item.state != Item::State::kGood ||
        !(is_person || item.name.starts_with(vault::kBodyArea))) {
      return false;
    }
    if (item.name == item.retention) {  // a key of a month: behind its bodies, which tell of it
      return many.contains(item.name);
    }
    item.name = is_person ? "people" : item.retention;
    return ++many[item.name] > 1;
  });
  return items;
}

// What the ledger says was erased, and is there: one line for each key.
std::vector<Item> held_to_ledger(std::vector<Item> items,
                                 const std::vector<vault::Erasure>& erased) {
  for (const vault::Erasure& erasure : erased) {
    std::erase_if(items, [&](const Item& item) { return item.key_id == erasure.key_id; });
    items.push_back({erasure.retention, erasure.retention, erasure.key_id, erasure.ordered,
                     Item::State::kBad,
                     "the ledger says that the vault key " + erasure.key_id +
                         " was destroyed, record " + erasure.record +
                         ", and it is there: an older copy was put back; the next start of the "
                         "daemon, or pawl vault erase " +
                         secret_name(erasure.retention) + ", destroys it again",
                     erasure.record});
  }
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.name < b.name; });
  return items;
}

json::Object json_of(const Item& item) {
  json::Object out{{"name", secret_name(item.name)}, {"state", state_of(item)}};
  if (!item.key_id.empty()) {
    out["key"] = item.key_id;
  }
  if (item.made.us > 0) {
    out["at"] = item.made.seconds();
  }
  if (!item.record.empty()) {
    out["record"] = item.record;
  }
  if (!item.problem.empty()) {
    out["problem"] = item.problem;
  }
  return out;
}

int list(Context& context, bool only_bad) {
  const Result<DataFolder> folder = data_folder(context);
  Result<std::vector<Item>> items =
      folder ? when_unlocked([&] { return vault::Vault(context.files, folder->root).look(); })
             : fail(folder.error());
  if (!items) {
    return report(context, items.error());
  }
  vault::Vault vault(context.files, folder->root);
  const Result<std::vector<vault::Erasure>> erased =
      erased_but_there(context.files, *folder, vault);
  if (!erased) {
    return report(context, erased.error());
  }
  items = held_to_ledger(*std::move(items), *erased);
  json::Array shown;
  std::size_t bad = 0, bad_bodies = 0;
  std::map<std::string, std::size_t> bodies;
  for (const Item& item : summed(*items, bodies)) {
    const bool is_bad = item.state == Item::State::kBad;
    (item.name.starts_with(vault::kBodyArea) ? bad_bodies : bad) += is_bad ? 1 : 0;
    if (only_bad && !is_bad) {
      continue;
    }
    shown.push_back(json_of(item));
    const bool is_key_alone = item.state == Item::State::kGood && item.name == item.retention &&
                              item.name.starts_with(vault::kBodyArea) &&
                              !bodies.contains(item.name);
    std::string words = words_of(item);
    if (const auto many = bodies.find(item.name); many != bodies.end() && !is_bad) {
      shown.back().as_object()["bodies"] = many->second;
      words = item.name == "people"
                  ? std::to_string(many->second) + ", each with a key"
                  : counted(many->second, "kept record").append(", the first ").append(words);
    }
    if (is_key_alone) {
      words = "made " + shown_time(item.made.seconds()) + ", key " + item.key_id;
    }
    if (!context.io.json) {
      context.io.out << labelled(shown_text(secret_name(item.name)), shown_text(words));
    }
  }
  const Result<BodyReport> whole =
      only_bad ? check_bodies(context.files, folder->root) : BodyReport();
  if (!whole) {
    return report(context, whole.error());
  }
  bad += std::max(bad_bodies, whole->bad);  // one that is altered is seen both ways
  if (context.io.json) {
    json::Object out{{"count", items->size()}, {"unusable", bad}};
    out["objects"] = std::move(shown);
    if (only_bad) {
      out["bodies"] = bodies_json(*whole);
    }
    context.io.out << json::print(out) << '\n';
  } else if (only_bad) {
    tell_bodies(context, *whole);
    context.io.out << counted(items->size(), "object") << ", "
                   << (bad == 0 ? "all as they should be" : std::to_string(bad) + " unusable")
                   << "\n";
  }
  return (only_bad && bad > 0) || !erased->empty() ? kExitBad : kExitGood;
}

int erase(Context& context, const std::string& name) {
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return report(context, folder.error());
  }
  const Result<json::Value> answer =
      ask_daemon(context.files, *folder, DaemonListener::kControl, "/api/v1/vault/erase",
                 json::print(json::Object{{"name", name}}));
  if (!answer && answer.error().code == Code::kUpstreamUnavailable) {
    return report(context, {answer.error().code,
                            answer.error().message +
                                "; an erasure is recorded before the key goes, so it needs the "
                                "running daemon"});
  }
  if (!answer) {
    return report(context, answer.error(), kExitBad);
  }
  if (context.io.json) {
    context.io.out << json::print(*answer) << '\n';
  } else {
    context.io.out << labelled("erased", shown_text(name))
                   << labelled("record",
                               shown_text(json::find_string(*answer, {"record"}).value_or("")))
                   << "Copies of the key file that you made are not erased by this: "
                      "docs/operations/erase-data.md\n";
  }
  return kExitGood;
}

}  // namespace

void add_vault(CLI::App& root, Context& context) {
  CLI::App* group = add_group(root, "vault", "Secrets that Pawl holds for servers, encrypted",
                              {"pawl vault list", "pawl vault check"});
  const auto add_name = [](CLI::App* command) {
    auto name = std::make_shared<std::string>();
    command->add_option("name", *name, "Its name, as vault:NAME in pawl.yaml; A-Z a-z 0-9 . _ -")
        ->type_name("NAME")
        ->required();
    return name;
  };
  CLI::App* put_command =
      add_command(*group, "put", "Store a secret, which comes on standard input",
                  {"pawl vault put search-token < token.txt"});
  auto stored = add_name(put_command);
  on_run(*put_command, context, [&context, stored] { return put(context, *stored); });
  on_run(*add_command(*group, "list", "What is there and what was erased; never a secret",
                      {"pawl vault list", "pawl vault list --json"}),
         context, [&context] { return list(context, false); });
  CLI::App* erase_command =
      add_command(*group, "erase", "Record that a secret is erased, and destroy its key",
                  {"pawl vault erase search-token", "pawl vault erase body/2026-11"});
  auto erased = add_name(erase_command);
  on_run(*erase_command, context, [&context, erased] { return erase(context, *erased); });
  on_run(*add_command(*group, "check", "Open everything with its key, and say what does not open",
                      {"pawl vault check"}),
         context, [&context] { return list(context, true); });
}

}  // namespace pawl
