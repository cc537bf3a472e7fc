#include "app/commands/ledger_command.h"

#include <algorithm>
#include <deque>
#include <ostream>

#include "app/commands/check_digest.h"
#include "app/commands/kept_body.h"
#include "app/commands/ledger_chain.h"
#include "app/commands/ledger_export.h"
#include "app/commands/ledger_head.h"
#include "app/commands/ledger_monitor.h"
#include "app/commands/ledger_present.h"
#include "app/commands/ledger_prove.h"
#include "app/commands/ledger_prune.h"
#include "app/commands/ledger_query.h"
#include "app/commands/ledger_renew.h"
#include "app/commands/record_lookup.h"
#include "app/commands/resolve_command.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/state_words.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/source.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

int failed(Context& context, const Error& error) {
  return report(context, error, error.code == Code::kBadSignature ? kExitBad : kExitUnclear);
}

// Where to begin reading for the last `count` entries; the published checkpoint may lag a little.
std::uint64_t tail_from(Files& files, const ledger::Source& source, std::size_t count) {
  constexpr std::size_t kMaxNote = 64 * 1024;
  const Result<std::string> note =
      read_file(files, ledger::checkpoint_path(source.folder), kMaxNote);
  const Result<ledger::TreeHead> head =
      note ? ledger::read_checkpoint(*note) : Result<ledger::TreeHead>(fail(note.error()));
  return head && head->size > count ? head->size - count : 0;
}

int tail(Context& context, std::size_t count) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<ledger::Source> source =
      folder ? ledger::find_source(context.files, folder->root) : fail(folder.error());
  if (!source) {
    return failed(context, source.error());
  }
  std::deque<ToldRow> last;
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    if (Result<store::RecordRow> row = store::read_record_row(index, token)) {
      last.push_back(row->outcome.empty() ? told_row(*std::move(row), token)
                                          : ToldRow{*std::move(row)});
    }
    if (last.size() > count) {
      last.pop_front();
    }
    return true;
  };
  const Status walked =
      ledger::walk(context.files, folder->root, visitor, tail_from(context.files, *source, count));
  for (const ToldRow& told : last) {
    print_row(context, told);
  }
  return walked ? kExitGood : failed(context, walked.error());
}

void show_people(std::ostream& out, const FoundRecord& record, const json::Object& body,
                 const std::string& whole, const std::vector<std::string>& people) {
  const json::Value& claims = record.jws.payload;
  out << labelled("record", record.row.id.text())
      << labelled("index", std::to_string(record.row.index))
      << labelled("time", shown_time(record.row.at))
      << labelled("kind", shown_text(record.row.kind));
  if (const std::string words = state_words(record.row.kind, record.jws); !words.empty()) {
    out << labelled("says", words);
  }
  for (const char* name : {"iss", "aud", "wid", "pred", "par", "inp_hash", "out_hash"}) {
    if (const json::Value* claim = json::find(claims, {name})) {
      out << labelled(name, shown_value(*claim));
    }
  }
  if (const json::Value* ext = record_extension(record.jws.typ, claims); ext && ext->is_object()) {
    for (const auto& [name, value] : ext->get_object()) {
      if (!value.is_object() || name == names::kExtDomain || name == names::kExtSalted) {
        out << labelled(shown_text(name), shown_value(value));
      }
    }
  }
  for (const auto& [name, value] : body) {
    out << labelled("  " + shown_text(name), shown_value(value));
  }
  if (!whole.empty()) {
    out << labelled("whole body", shown_text(whole));
  }
  for (const std::string& words : people) {
    out << labelled("person", shown_text(words));
  }
  out << labelled("signed by", "key " + shown_text(record.jws.kid) + " (not checked here)");
}

// The token of somebody else that a record stands for, its exact bytes.
int show_received(Context& context, const FoundRecord& record) {
  const std::string text = received_text_of(record);
  if (text.empty()) {
    return report(context, {Code::kNotFound,
                            "record " + record.row.id.text() + " holds no token of somebody else"});
  }
  context.io.out << text << (context.io.terminal ? "\n" : "");
  return kExitGood;
}

struct Shown {
  std::string name;
  bool token_only = false, received_only = false;
};

int show(Context& context, const Shown& asked) {
  const Result<FoundRecord> record = find_record(context, asked.name);
  if (!record) {
    return failed(context, record.error());
  }
  if (asked.received_only) {
    return show_received(context, *record);
  }
  json::Object body = body_of(*record);
  const std::string whole = fill_in(context, *record, body);
  if (asked.token_only) {
    context.io.out << record->jws.compact << (context.io.terminal ? "\n" : "");
  } else if (context.io.json) {
    json::Object out{{"index", record->row.index}, {"token", record->jws.compact}};
    out["header"] = record->jws.header;
    out["claims"] = record->jws.payload;
    if (!whole.empty()) {
      out["whole_body"] = whole;
      out["body"] = std::move(body);
    }
    context.io.out << json::print(out) << '\n';
  } else {
    show_people(context.io.out, *record, body, whole, people_words(context, body));
  }
  return kExitGood;
}

}  // namespace

void add_ledger(CLI::App& root, Context& context) {
  CLI::App* group = add_group(
      root, "ledger", "Look at the records and hand out proofs",
      {"pawl ledger tail", "pawl ledger query --outcome denied", "pawl ledger prove 0 -o receipt"});

  CLI::App* tail_command = add_command(*group, "tail", "The newest records, oldest of them first",
                                       {"pawl ledger tail", "pawl ledger tail -n 3 --json"});
  auto count = std::make_shared<std::size_t>(20);
  tail_command->add_option("-n", *count, "How many (default 20)")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  on_run(*tail_command, context, [&context, count] { return tail(context, *count); });

  CLI::App* show_command = add_command(
      *group, "show", "One record, decoded",
      {"pawl ledger show 0", "pawl ledger show 0 --json", "pawl ledger show 0 --token"});
  auto shown = std::make_shared<Shown>();
  add_record_name(*show_command, shown->name);
  show_command->add_flag("--token", shown->token_only, "Only the signed token, its exact bytes");
  show_command->add_flag("--received", shown->received_only,
                         "Only the token of somebody else that it stands for, its exact bytes");
  on_run(*show_command, context, [&context, shown] { return show(context, *shown); });

  add_ledger_check_digest(*group, context);
  add_ledger_prove(*group, context);
  add_ledger_present(*group, context);
  add_ledger_export(*group, context);
  add_ledger_head(*group, context);
  add_ledger_monitor(*group, context);
  add_ledger_renew(*group, context);
  add_ledger_prune(*group, context);
  add_ledger_query(*group, context);
  add_ledger_chain(*group, context);
  add_ledger_resolve(*group, context);
}

}  // namespace pawl
