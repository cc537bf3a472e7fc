#include "app/commands/ledger_prune.h"

#include <algorithm>
#include <memory>
#include <ostream>

#include "app/commands/key_sources.h"
#include "app/commands/own_log.h"
#include "app/commands/pruning_plan.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/daemon/open_log.h"
#include "app/daemon/trusted_tokens.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/in_flight.h"
#include "foundation/ledger/pruning.h"
#include "foundation/ledger/recover.h"
#include "foundation/ledger/snapshot.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "gateway/recorder.h"

namespace pawl {
namespace {

struct Asked {
  std::string older_than;
  bool dry_run = false;
};

// The retention, or a longer one.
Result<std::int64_t> period_of(const Config& config, const Asked& asked) {
  if (config.retention_s == 0) {
    return fail(Code::kDenied, "retention.records is forever: no record may be pruned");
  }
  if (asked.older_than.empty()) {
    return config.retention_s;
  }
  const std::optional<std::int64_t> period = parse_period(asked.older_than);
  if (!period || *period == 0) {
    return fail(Code::kInvalidParams, "--older-than: expected a time like 800d");
  }
  if (*period < config.retention_s) {
    return fail(Code::kDenied, "--older-than " + asked.older_than + ": records are kept for " +
                                   print_period(config.retention_s) +
                                   " (retention.records); expected that or more");
  }
  return *period;
}

// One pruning of a folder whose lock is held.
class Pruning {
 public:
  Pruning(Context& context, const DataFolder& folder, const Config& config, const Keystore& keys)
      : context_(context), folder_(folder), config_(config), keys_(keys) {}

  Status open() {
    Result<std::unique_ptr<OwnLog>> own =
        open_own_log(context_, folder_, config_, keys_.log_key(), config_.head_file);
    if (!own) {
      return fail(own.error());
    }
    own_ = *std::move(own);
    if (Status fits = check_beginning(context_.files, folder_.ledger(), log(), own_->opened);
        !fits) {
      return fits;
    }
    std::vector<ledger::InFlightJournal::Found> notes;
    Result<std::unique_ptr<ledger::InFlightJournal>> journal =
        ledger::InFlightJournal::open(context_.files, folder_.in_flight(), notes);
    if (!journal) {
      return fail(journal.error());
    }
    journal_ = *std::move(journal);
    const Result<std::vector<ledger::Intent>> open =
        ledger::without_outcome(std::move(notes), log());
    if (!open) {
      return fail_at("in-flight journal", open.error());
    }
    const KeyValidity::Key* key = own_->decisions.keys.find(keys_.instance_kid());
    const bool may_sign = own_->decisions.keys.all().empty() || (key != nullptr && key->may_sign());
    return open->empty() && may_sign
               ? Status{}
               : Status(fail(Code::kConflict,
                             "a daemon was killed here, and what it left open is not recorded: "
                             "start it once and let it end"));
  }

  // Counted from the last record, if the clock is ahead of it.
  std::int64_t before_s(std::int64_t period_s) const {
    return std::min(context_.clock.wall().seconds(), own_->decisions.last_iat) - period_s;
  }

  Result<std::optional<PruningPlan>> plan(std::int64_t before) const {
    return plan_pruning(context_.files, folder_.ledger(), log(), before);
  }

  // Each step is durable before the next; the last one may be interrupted, and a start ends it.
  Status run(PruningPlan& plan, std::int64_t before) {
    Status done = log().keep_tiles(plan.minimum_before, plan.minimum.index);
    done = done ? keep_base(plan) : done;
    const std::string kept = ledger::print_kept(plan.kept);
    done = done ? keep_entries(plan, kept) : done;
    done = done ? record(plan, before, ledger::hash_of_kept(kept)) : done;
    own_->log.reset();  // publishes the checkpoint that covers the record
    journal_.reset();
    // Notes that are over may name an entry that goes, behind which a start would look.
    done = done ? ledger::rewrite_notes(context_.files, folder_.in_flight(), {}) : done;
    done = done ? forget_index() : done;
    done = done ? put_minimum(plan.minimum) : done;
    return done ? ledger::finish_pruning(context_.files, folder_.ledger(), plan.minimum) : done;
  }

 private:
  ledger::Ledger& log() const { return *own_->log; }

  // What the entries led to, signed by the log's key.
  Status keep_base(const PruningPlan& plan) {
    const std::string path = ledger::snapshot_path(folder_.ledger());
    log().save_snapshot(plan.minimum.record_index,
                        {Decisions::kFoldVersion, own_->decisions.print()});
    log().pump();
    const Result<ledger::VerifierKey> key = ledger::VerifierKey::parse(log().vkey());
    const Result<std::string> bytes = read_file(context_.files, path, ledger::kMaxSnapshotBytes);
    const Result<ledger::SnapshotFile> made =
        key && bytes ? ledger::open_snapshot(*bytes, *key)
                     : Result<ledger::SnapshotFile>(fail(key ? bytes.error() : key.error()));
    if (!made || made->size != plan.minimum.record_index ||
        made->bundle_from.segment < plan.minimum.at.segment) {
      return fail(Code::kIo, path + ": the snapshot that has to stay could not be written" +
                                 (made ? "" : ": " + made.error().message));
    }
    return write_file(context_.files,
                      ledger::base_path(folder_.ledger(), plan.minimum.record_index), *bytes);
  }

  Status keep_entries(const PruningPlan& plan, const std::string& bytes) {
    return write_file(context_.files,
                      ledger::kept_path(folder_.ledger(), plan.minimum.record_index), bytes);
  }

  // From here on they are pruned.
  Status put_minimum(const ledger::Minimum& minimum) {
    return write_file(context_.files, ledger::minimum_path(folder_.ledger()),
                      ledger::print_minimum(minimum));
  }

  Status record(PruningPlan& plan, std::int64_t before, const std::string& kept_hash) {
    Result<RecordForm> form = record_form(context_.files, config_);
    if (!form) {
      return fail(form.error());
    }
    Recorder recorder(log(), *journal_, keys_.instance_key(), keys_.instance_kid(),
                      Instance{config_.domain, config_.node}, context_.clock, context_.random,
                      *std::move(form));
    recorder.resume_after(WallTime{own_->decisions.last_iat * 1'000'000});
    RecordDraft draft;
    draft.id = plan.minimum.record = recorder.new_id();
    draft.kind = kinds::kLedgerPruned;
    const json::Object body{{names::kBodyMinimum, plan.minimum.index},
                            {names::kBodyMinimumBefore, plan.minimum_before},
                            {names::kBodyRecordedBefore, before},
                            {names::kBodyRetention, print_period(config_.retention_s)},
                            {names::kBodyPreset, config_.preset},
                            {names::kBodyKeptCount, plan.kept.size()},
                            {names::kBodyKeptHash, kept_hash},
                            {names::kBodyBy, "command line"}};
    draft.body.members(body);
    std::optional<Result<RecordRef>> recorded;
    recorder.record(std::move(draft),
                    [&recorded](const Result<RecordRef>& record) { recorded = record; });
    log().pump();
    if (!recorded || !*recorded) {
      return recorded ? Status(fail(recorded->error()))
                      : Status(fail(Code::kEvidenceUnavailable, "the record was not written"));
    }
    return (*recorded)->index == plan.minimum.record_index
               ? Status{}
               : Status(fail(Code::kConflict, "somebody else writes this log"));
  }

  // It repeats what is deleted. Whoever asks for it next has it built again.
  Status forget_index() {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      const Status gone = context_.files.remove(folder_.index() + suffix);
      if (!gone && gone.error().code != Code::kNotFound) {
        return gone;
      }
    }
    return context_.files.sync_directory(folder_.root);
  }

  Context& context_;
  const DataFolder& folder_;
  const Config& config_;
  const Keystore& keys_;
  std::unique_ptr<OwnLog> own_;
  std::unique_ptr<ledger::InFlightJournal> journal_;
};

void tell(Context& context, const std::optional<PruningPlan>& plan, std::int64_t before,
          bool dry_run) {
  std::ostream& out = context.io.out;
  if (context.io.json) {
    json::Object answer{{"pruned", plan && !dry_run}, {"recorded_before", before}};
    if (plan) {
      answer["minimum"] = plan->minimum.index;
      answer["minimum_before"] = plan->minimum_before;
      answer["gone"] = plan->gone();
      answer["kept"] = plan->kept.size();
      answer["segments"] = plan->segments;
      answer["record"] = dry_run ? json::Value(nullptr) : json::Value(plan->minimum.record.text());
    }
    out << json::print(answer) << '\n';
    return;
  }
  if (!plan) {
    out << "Nothing to prune: no whole segment was recorded before " << shown_time(before) << ".\n";
    return;
  }
  out << labelled(dry_run ? "would go" : "gone", counted(plan->gone(), "record") + " below entry " +
                                                     std::to_string(plan->minimum.index) +
                                                     ", recorded before " + shown_time(before))
      << labelled(dry_run ? "would stay" : "kept",
                  counted(plan->kept.size(), "record") + " of what is in force, and every proof");
  if (!dry_run) {
    out << labelled("record", plan->minimum.record.text());
  }
}

int prune_here(Context& context, const DataFolder& folder, const Config& config,
               const Asked& asked) {
  const Result<std::int64_t> period = period_of(config, asked);
  if (!period) {
    return report(context, period.error());
  }
  if (!context.files.exists(folder.ledger())) {
    return report(context, {Code::kNotFound, folder.root + ": no ledger here"});
  }
  const Result<std::unique_ptr<FileLock>> held = occupy(context.files, folder);
  const Result<Keystore> keys =
      held ? signing_keystore(context, folder) : Result<Keystore>(fail(held.error()));
  if (!keys) {
    return report(context, keys.error(), kExitBad);
  }
  Pruning pruning(context, folder, config, *keys);
  if (Status opened = pruning.open(); !opened) {
    return report(context, opened.error(), kExitBad);
  }
  const std::int64_t before = pruning.before_s(*period);
  Result<std::optional<PruningPlan>> plan = pruning.plan(before);
  Status done = plan ? Status{} : Status(fail(plan.error()));
  if (done && *plan && !asked.dry_run) {
    done = pruning.run(**plan, before);
  }
  if (!done) {
    return report(context, done.error(), kExitBad);
  }
  tell(context, *plan, before, asked.dry_run);
  return kExitGood;
}

}  // namespace

void add_ledger_prune(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "prune", "Delete records older than the retention; proofs of all others stay valid",
      {"pawl ledger prune --dry-run", "pawl ledger prune --older-than 800d"});
  auto asked = std::make_shared<Asked>();
  command
      ->add_option("--older-than", asked->older_than,
                   "Keep more than the configuration says: only what is older than this goes")
      ->type_name("TIME");
  command->add_flag("--dry-run", asked->dry_run, "Only tell what would go");
  on_run(*command, context, [&context, asked] {
    const Result<Config> config = configuration_without_secrets(context);
    const Result<DataFolder> folder =
        config ? data_folder(context) : Result<DataFolder>(fail(config.error()));
    return folder ? prune_here(context, *folder, *config, *asked) : report(context, folder.error());
  });
}

}  // namespace pawl
