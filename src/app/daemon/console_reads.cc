#include "app/daemon/console_reads.h"

#include "app/api/http_answer.h"
#include "app/api/server_list.h"
#include "app/api/workflow_list.h"

namespace pawl {
namespace {

constexpr NumberRange kWorkflowLimit{1, 100};
constexpr std::int64_t kUsualWorkflows = 50;
constexpr std::size_t kMostOpenCounted = 10'000;

void send(const std::shared_ptr<http::ResponseWriter>& writer, const Result<json::Object>& answer) {
  writer->send(answer ? json_answer(200, *answer) : problem_answer(answer.error()));
}

}  // namespace

struct ConsoleReads::Resource {
  std::string_view method, path;
  bool has_id;  // one segment follows
  Show show;
};

bool ConsoleReads::handle(const http::Request& request, const Writer& writer) {
  using Self = ConsoleReads;
  static constexpr Resource kResources[] = {
      {"GET", "/api/v1/status", false, &Self::show_status},
      {"GET", "/api/v1/overview", false, &Self::show_overview},
      {"GET", "/api/v1/agents", false, &Self::show_agents},
      {"GET", "/api/v1/servers", false, &Self::show_servers},
      {"GET", "/api/v1/rules", false, &Self::show_rules},
      {"GET", "/api/v1/rules/proposals", false, &Self::show_proposals},
      {"POST", "/api/v1/rules/test", false, &Self::try_rules},
      {"POST", "/api/v1/rules/check", false, &Self::check_files},
      {"GET", "/api/v1/workflows", false, &Self::show_workflows},
      {"GET", "/api/v1/workflows/", true, &Self::show_workflow},
      {"GET", "/api/v1/records", false, &Self::show_records},
      {"GET", "/api/v1/records/", true, &Self::show_record},
  };
  for (const Resource& one : kResources) {
    const bool fits = one.has_id ? request.path.starts_with(one.path) : request.path == one.path;
    if (!fits || request.method != one.method) {
      continue;
    }
    const Result<Viewer> viewer = viewer_of(request, parts_.token, parts_.guard);
    if (!viewer) {
      writer->send(problem_answer(viewer.error()));
      return true;
    }
    (this->*one.show)({request, *viewer, request.path.substr(one.path.size()), writer});
    return true;
  }
  return false;
}

void ConsoleReads::tick() {
  refusals_.note(parts_.governance.tally().refused(), parts_.clock.boot());
}

Status ConsoleReads::plain_and_whole(const Asked& asked) const {
  const Result<ReadQuery> none = ReadQuery::read(asked.request.query, {});
  return none ? asked.viewer.must_see_all() : fail(none.error());
}

void ConsoleReads::ask_desk(const Writer& writer, ReadDesk::Work work) {
  desk_.ask(std::move(work), [writer](const ReadDesk::Answer& answer) { send(writer, answer); });
}

// From now on the I/O thread never writes the index, so that it waits for nobody who does.
RecordReads& ConsoleReads::records() {
  if (records_ == nullptr) {
    records_ = std::make_unique<RecordReads>(parts_.files, parts_.folder, parts_.lookup.keep_now());
  }
  return *records_;
}

void ConsoleReads::ask_records(
    const Writer& writer, std::function<ReadDesk::Answer(RecordReads&, std::uint64_t size)> work) {
  ask_desk(writer, [&reads = records(), size = parts_.governance.ledger().size(),
                    work = std::move(work)] { return work(reads, size); });
}

// ---- how it is now ----

void ConsoleReads::show_status(const Asked& asked) {
  const Status may = plain_and_whole(asked);
  asked.writer->send(may ? json_answer(200, parts_.status()) : problem_answer(may.error()));
}

std::vector<PendingNow> ConsoleReads::pending() const {
  std::vector<PendingNow> out;
  for (const auto& [id, approval] : parts_.governance.decisions().approvals.all()) {
    if (approval.phase == approval::Phase::kPending) {
      const approval::Binding& binding = approval.binding;
      out.push_back({binding.agent, binding.server, binding.name,
                     binding.workflow ? binding.workflow->text() : ""});
    }
  }
  return out;
}

// Who is configured, who has a key, and who did something since the start.
std::vector<AgentNow> ConsoleReads::agents() const {
  std::map<std::string, AgentNow> all;
  for (const AgentConfig& agent : parts_.config.agents) {
    all[agent.id].owner = agent.owner;
    all[agent.id].groups = agent.groups;
  }
  for (const auto& [agent, keys] : parts_.governance.keys().agents()) {
    all.try_emplace(agent);
  }
  for (const auto& [agent, count] : parts_.governance.tally().all()) {
    AgentNow& now = all[agent];
    now.calls = count.calls;
    now.refused = count.refused;
    now.last_at = count.last_at;
  }
  for (const Call* call : parts_.governance.gateway().oldest_calls(kMostOpenCounted)) {
    ++all[call->action().caller.agent].open;
  }
  for (const PendingNow& held : pending()) {
    ++all[held.agent].held;
  }
  std::vector<AgentNow> out;
  for (auto& [id, agent] : all) {
    Caller caller;
    caller.agent = id;
    caller.groups = agent.groups;
    agent.id = id;
    agent.stopped = parts_.governance.gateway().plumbing_stopped(caller, "");
    out.push_back(std::move(agent));
  }
  return out;
}

void ConsoleReads::show_overview(const Asked& asked) {
  const Result<ReadQuery> none = ReadQuery::read(asked.request.query, {});
  if (!none) {
    return send(asked.writer, fail(none.error()));
  }
  const BootTime now = parts_.clock.boot();
  const RatesNow rates{parts_.rate.per_second(parts_.governance.metrics().actions(), now),
                       refusals_.per_second(parts_.governance.tally().refused(), now),
                       parts_.governance.approvals().waiting()};
  json::Value status = parts_.status();
  status.as_object()["now_us"] = parts_.clock.wall().us;
  send(asked.writer,
       overview_json(status, asked.viewer.sees_all() ? parts_.troubles(status) : json::Array(),
                     rates, pending(), agents(), parts_.clock.wall().us / 1'000, asked.viewer));
}

void ConsoleReads::show_agents(const Asked& asked) {
  const Result<ReadQuery> none = ReadQuery::read(asked.request.query, {});
  send(asked.writer,
       none ? Result<json::Object>(agent_list_json(agents(), asked.viewer)) : fail(none.error()));
}

void ConsoleReads::show_servers(const Asked& asked) {
  const Result<ReadQuery> none = ReadQuery::read(asked.request.query, {});
  send(asked.writer,
       none ? Result<json::Object>(server_list_json(
                  {parts_.config, parts_.health.all(), parts_.wrapped.all(), parts_.has_child_user},
                  asked.viewer))
            : fail(none.error()));
}

// ---- what was recorded ----

void ConsoleReads::show_workflows(const Asked& asked) {
  const Result<ReadQuery> query = ReadQuery::read(asked.request.query, {"before", "limit"});
  const Result<std::int64_t> limit =
      query ? query->number_or("limit", kUsualWorkflows, kWorkflowLimit) : fail(query.error());
  if (!limit) {
    return send(asked.writer, fail(limit.error()));
  }
  const std::string given = query->text("before");
  const std::optional<RecordPlace> before = RecordPlace::parse(given);
  if (!given.empty() && !before) {
    return send(asked.writer, wrong_parameter("before", "`next` of the answer before"));
  }
  ask_records(asked.writer, [before, most = static_cast<std::size_t>(*limit),
                             viewer = asked.viewer](RecordReads& reads, std::uint64_t size) {
    return reads.workflows(before, most, viewer, size);
  });
}

void ConsoleReads::show_workflow(const Asked& asked) {
  const Result<ReadQuery> query = ReadQuery::read(asked.request.query, {"expand"});
  const Result<Uuid> id = Uuid::parse(asked.rest);
  if (!query || !id) {
    return send(asked.writer, query ? Result<json::Object>(wrong_parameter("ID", "a UUID"))
                                    : fail(query.error()));
  }
  ask_records(asked.writer, [id = id->text(), expand = query->text("expand"),
                             viewer = asked.viewer](RecordReads& reads, std::uint64_t size) {
    return reads.workflow(id, expand, viewer, size);
  });
}

void ConsoleReads::show_records(const Asked& asked) {
  Result<RecordSearch> search = read_search(asked.request.query);
  if (!search) {
    return send(asked.writer, fail(search.error()));
  }
  ask_records(asked.writer, [search = *std::move(search), viewer = asked.viewer](
                                RecordReads& reads, std::uint64_t size) {
    return reads.search(search, viewer, size);
  });
}

}  // namespace pawl
