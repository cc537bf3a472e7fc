#include "app/commands/ledger_export.h"

#include <ostream>
#include <set>

#include "app/commands/cosigned_proof.h"
#include "app/commands/evidence_source.h"
#include "app/commands/kept_file.h"
#include "app/commands/ledger_query.h"
#include "app/commands/record_chain.h"
#include "app/commands/shown_evidence.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/trust_store.h"
#include "foundation/ledger/evidence_check.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/renewal.h"
#include "foundation/ledger/source.h"

namespace pawl {
namespace {

constexpr std::size_t kMostRows = 10'000;

struct Asked {
  std::string destination, workflow;
  std::uint64_t log = 0;  // 0: the newest that has records of the workflow
  bool force = false;
};

int failed(Context& context, const Error& error) {
  return report(context, error, error.code == Code::kBadSignature ? kExitBad : kExitUnclear);
}

// The logs that a bundle's log goes on from, in the bundle's ledgers/, and those that are not here.
struct Earlier {
  std::uint64_t next = 1;  // the first that was not looked at
  std::vector<std::uint64_t> missing;
};

Status export_earlier(Files& files, const std::string& root, const std::string& destination,
                      std::uint64_t newest, Earlier& earlier) {
  for (; earlier.next < newest; ++earlier.next) {
    const std::string from = ledger::frozen_folder(root, earlier.next);
    if (!ledger::find_source(files, from)) {
      earlier.missing.push_back(earlier.next);
      continue;
    }
    const std::string to = ledger::frozen_folder(destination, earlier.next);
    for (const std::string& folder : {destination, directory_of(to)}) {
      if (Status made = make_durable_directory(files, folder); !made) {
        return made;
      }
    }
    if (Status done = ledger::export_bundle(files, from, to); !done) {
      return fail_at("log " + std::to_string(earlier.next), done.error());
    }
  }
  return {};
}

// The earlier logs first: a bundle with a checkpoint is whole. One that was frozen meanwhile comes
// last. The instance's public keys stand beside it, so that `pawl trust pin BUNDLE` can show their
// fingerprint; what they are worth is for whoever pins them.
Status write_bundle(Context& context, const std::string& root, const std::string& destination,
                    const std::optional<ledger::Checkpoint>& end, ledger::Trust& trust,
                    Earlier& earlier) {
  Files& files = context.files;
  const auto number_of = [&](const std::string& path) {
    const Result<std::string> origin = origin_of(files, path);
    return origin ? ledger::log_name(*origin).number : 1;
  };
  const Result<ledger::Source> source = ledger::find_source(files, root);
  Status done = source ? Status{} : Status(fail(source.error()));
  if (done && !files.exists(ledger::checkpoint_path(destination))) {  // else the next step says so
    done = export_earlier(files, root, destination, number_of(root), earlier);
  }
  done = done ? ledger::export_bundle(files, root, destination, end) : done;
  done = done ? export_earlier(files, root, destination, number_of(destination), earlier) : done;
  done = done ? pin_head(files, destination, trust) : done;
  return done ? write_file(files, bundle_trust_path(destination), ledger::print_trust(trust))
              : done;
}

void tell_bundle(Context& context, const std::string& destination, const ledger::Trust& trust,
                 const Earlier& earlier) {
  if (context.io.json) {
    json::Array missing;
    for (const std::uint64_t log : earlier.missing) {
      missing.push_back(log);
    }
    context.io.out << json::print(json::Object{{"bundle", destination},
                                               {"size", trust.pinned_size},
                                               {"earlier_logs", earlier.next - 1},
                                               {"missing_logs", std::move(missing)},
                                               {"fingerprint", fingerprint(trust)}})
                   << '\n';
    return;
  }
  context.io.out << "exported to " << destination << "\n";
  if (earlier.next > 1) {
    context.io.out << "with what it goes on from: "
                   << counted(earlier.next - 1 - earlier.missing.size(), "earlier log") << "\n";
  }
  for (const std::uint64_t log : earlier.missing) {
    context.io.out << "log " << log << " is not here: without it in "
                   << ledger::frozen_folder(destination, log)
                   << " its reader cannot decide about the whole\n";
  }
  context.io.out << "tell its reader, by another way, the fingerprint of the keys: "
                 << fingerprint(trust) << "\n";
}

int export_log(Context& context, const std::string& destination) {
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return report(context, folder.error());
  }
  Result<ledger::Trust> trust = trust_of(context.files, folder->root);
  if (!trust) {
    return failed(context, trust.error());
  }
  const Result<std::optional<ledger::Checkpoint>> end = required_end(context, folder->root);
  if (!end) {
    return failed(context, end.error());
  }
  Earlier earlier;
  if (Status done = write_bundle(context, folder->root, destination, *end, *trust, earlier);
      !done) {
    return failed(context, done.error());
  }
  tell_bundle(context, destination, *trust, earlier);
  return kExitGood;
}

// Numbers of the logs that have records of it, newest first: RecordRow::log.
Result<std::vector<std::uint64_t>> logs_of(Context& context, const std::string& root,
                                           const Uuid& workflow) {
  store::RecordFilter filter;
  filter.workflow = workflow.text();
  filter.limit = kMostRows;
  const Result<std::vector<store::RecordRow>> rows = query_records(context, root, filter);
  if (!rows) {
    return fail(rows.error());
  }
  std::vector<std::uint64_t> logs;
  for (const store::RecordRow& row : *rows) {
    if (logs.empty() || logs.back() != row.log) {
      logs.push_back(row.log);
    }
  }
  if (logs.empty()) {
    return fail(Code::kNotFound, "no record and no workflow has the id " + workflow.text());
  }
  return logs;
}

void tell(Context& context, const std::string& path, const ShownEvidence& shown,
          const ledger::Report& report, const std::vector<std::uint64_t>& others) {
  if (context.io.json) {
    json::Object out = evidence_json(shown);
    out["evidence"] = path;
    out["size"] = report.size;
    json::Array logs;
    for (const std::uint64_t log : others) {
      logs.push_back(log);
    }
    out["other_logs"] = std::move(logs);
    context.io.out << json::print(out) << '\n';
    return;
  }
  context.io.out << "wrote " << path << "\n" << evidence_text(shown);
  if (report.suspect.entries > 0) {
    context.io.out << labelled("suspect", shown_text(report.reason));
  }
  for (const std::uint64_t log : others) {
    context.io.out << labelled("elsewhere", log == 0 ? "the log in use has records of it, too"
                                                     : "log " + std::to_string(log) +
                                                           " has records of it, too: --log " +
                                                           std::to_string(log));
  }
  context.io.out << "check it anywhere: pawl verify " << path << " --trust FILE\n"
                 << "tell its reader, by another way, the fingerprint of the keys: "
                 << shown.fingerprint << "\n";
}

int export_workflow(Context& context, const Asked& asked) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<std::string> name =
      folder ? workflow_of(context, asked.workflow) : Result<std::string>(fail(folder.error()));
  const Result<Uuid> workflow = name ? Uuid::parse(*name) : Result<Uuid>(fail(name.error()));
  Result<std::vector<std::uint64_t>> logs =
      workflow ? logs_of(context, folder->root, *workflow)
               : Result<std::vector<std::uint64_t>>(fail(workflow.error()));
  if (!logs) {
    return failed(context, logs.error());
  }
  const std::uint64_t log = asked.log != 0 ? asked.log : logs->front();
  std::erase(*logs, log);
  const Result<ledger::Evidence> evidence = evidence_of(context, folder->root, log, *workflow);
  if (!evidence) {
    return failed(context, evidence.error());
  }
  // By the keys that it names itself: nobody gets a file that contradicts itself.
  ledger::EvidenceReport found = ledger::check_evidence(*evidence, evidence->keys);
  if (found.report.verdict == ledger::Verdict::kBad) {
    return failed(context, {Code::kBadSignature,
                            found.report.first_bad + "; run `pawl verify` on the ledger"});
  }
  const std::string path =
      asked.destination.empty() ? workflow->text() + ".evidence" : asked.destination;
  const std::string text = ledger::print_evidence(*evidence);
  if (text.size() > ledger::kMaxEvidenceBytes) {
    return failed(context, {Code::kTooLarge, "the evidence has more than 64 MiB: export the log"});
  }
  Status written = may_write(context.files, path, text, asked.force);
  written = written ? write_file(context.files, path, text) : written;
  if (!written) {
    return report(context, written.error(), kExitBad);
  }
  tell(context, path,
       {*workflow, std::move(found.graph), found.key_records, fingerprint(evidence->keys)},
       found.report, *logs);
  return kExitGood;
}

int run_export(Context& context, const Asked& asked) {
  if (!asked.workflow.empty()) {
    return export_workflow(context, asked);
  }
  if (asked.destination.empty() || asked.log != 0 || asked.force) {
    const std::string why =
        asked.destination.empty() ? "expected a new folder for the bundle, or --workflow ID"
        : asked.log != 0          ? "--log goes with --workflow ID; a bundle has all logs"
                                  : "--force goes with --workflow ID; a bundle is never replaced: "
                                    "name another folder, or remove that one first";
    return report(context, {Code::kInvalidParams, why});
  }
  return export_log(context, asked.destination);
}

}  // namespace

void add_ledger_export(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "export",
      "Write the whole log as a bundle for an auditor, or one workflow as one file",
      {"pawl ledger export bundle", "pawl ledger export --workflow last workflow.evidence"});
  auto asked = std::make_shared<Asked>();
  command
      ->add_option("destination", asked->destination,
                   "A new folder; with --workflow a file (default: ID.evidence)")
      ->type_name("DEST");
  command
      ->add_option("--workflow", asked->workflow,
                   "Only this workflow: its id, the id or index of a record in it, or last: "
                   "that of the newest call")
      ->type_name("ID");
  command
      ->add_option("--log", asked->log,
                   "Of which frozen log (default: the newest that has records of it)")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{999'999}));
  command->add_flag("--force", asked->force, "Replace a file of that name");
  on_run(*command, context, [&context, asked] { return run_export(context, *asked); });
}

}  // namespace pawl
