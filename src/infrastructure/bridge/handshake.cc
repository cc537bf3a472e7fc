#include "infrastructure/bridge/handshake.h"

#include <utility>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "infrastructure/mcp/discover.h"
#include "infrastructure/mcp/meta.h"
#include "infrastructure/mcp/own_keys.h"
#include "infrastructure/mcp/refusal.h"

namespace pawl::bridge {
namespace {

constexpr std::size_t kMaxInitialize = 64 * 1024;
constexpr std::size_t kMaxClientName = 256;  // a longer one is not kept: it proves nothing anyhow

std::vector<std::string> servers_of(const Core& core, const Inbound& in) {
  return in.server.empty() ? visible_servers(core, in.caller) : std::vector<std::string>{in.server};
}

// What all these servers speak in the era asked for.
std::vector<std::string> agreed(const Learned& learned) {
  std::vector<std::vector<std::string>> spoken;
  spoken.reserve(learned.up.size());
  for (const auto& [server, hello] : learned.up) {
    spoken.push_back(hello.revisions);
  }
  return mcp::common_revisions(spoken);
}

// What they all speak, of both eras, as far as it is known.
std::vector<std::string> all_revisions(const Core& core, const Learned& learned) {
  std::vector<std::vector<std::string>> spoken;
  spoken.reserve(learned.up.size() + learned.other_era.size());
  for (const auto& [server, hello] : learned.up) {
    std::vector<std::string> known = core.revisions.of(server);
    known.insert(known.end(), hello.revisions.begin(), hello.revisions.end());
    known.insert(known.end(), hello.others.begin(), hello.others.end());
    spoken.push_back(std::move(known));
  }
  for (const auto& [server, known] : learned.other_era) {
    spoken.push_back(known);
  }
  return mcp::common_revisions(spoken);
}

std::vector<std::string> servers_up(const Learned& learned) {
  std::vector<std::string> out;
  out.reserve(learned.up.size());
  for (const auto& [server, hello] : learned.up) {
    out.push_back(server);
  }
  return out;
}

std::vector<std::string> results(const Learned& learned) {
  std::vector<std::string> out;
  out.reserve(learned.up.size());
  for (const auto& [server, hello] : learned.up) {
    out.push_back(hello.result);
  }
  return out;
}

// Servers that are down, named in the result of /mcp.
std::string with_unavailable(std::string result, const Learned& learned) {
  if (learned.down.empty()) {
    return result;
  }
  std::string list = "[";
  for (const auto& [server, why] : learned.down) {
    list.append(list.size() == 1 ? "" : ",").append(json::quote(server));
  }
  return mcp::with_meta(result, json::whole(result), names::kMetaUnavailable, list += ']');
}

void answer_fault(const Inbound& in, const jsonrpc::Fault& fault) {
  in.reply->answer(mcp::fault_response(in.message.id_text, fault, in.era),
                   {.status = fault.http_status}, nullptr);
}

jsonrpc::Fault unavailable(const Learned& learned) {
  std::string message = "no server is available";
  for (const auto& [server, why] : learned.down) {
    message.append("; ").append(server).append(": ").append(why);
  }
  return {Code::kUpstreamUnavailable, std::move(message), "", 200};
}

// The raw params of initialize with the client's capabilities masked.
Result<std::string> masked_params(const jsonrpc::Message& message) {
  const json::Value* params = message.params_value();
  const json::Value* capabilities = params ? json::find(*params, {"capabilities"}) : nullptr;
  if (params == nullptr || !json::find_string(*params, {"protocolVersion"}) ||
      capabilities == nullptr || !capabilities->is_object()) {
    return fail(Code::kInvalidParams,
                "initialize must hold the string protocolVersion and the object capabilities");
  }
  const std::string text(message.params_text());
  if (text.size() > kMaxInitialize) {  // the session keeps it
    return fail(Code::kTooLarge, "initialize: params have at most 64 KiB");
  }
  const json::Span span = *json::member(text, json::whole(text), "capabilities");
  return json::replaced(text, span, mcp::mask_client_capabilities(span.of(text)));
}

Result<std::string> initialize_result_of(const Core& core, const Inbound& in,
                                         const Learned& learned, const std::string& revision) {
  if (!in.server.empty()) {
    return mcp::initialize_result(mcp::without_own_keys(learned.up.begin()->second.result),
                                  revision);
  }
  Result<std::string> combined =
      mcp::combined_initialize(results(learned), revision, core.options.version);
  return combined ? Result<std::string>(with_unavailable(std::move(*combined), learned)) : combined;
}

// Tasks of held calls are Pawl's own where the server has none and a client could not have one
// otherwise (tasks came with 2025-11-25). The session keeps for which servers that is so.
bool offers_own_tasks(const Core& core, const Inbound& in, const Learned& learned,
                      std::string_view revision) {
  bool any = false;
  for (const auto& [server, hello] : learned.up) {
    any = any || core.parts.gateway.may_be_held(in.caller, server, kinds::kToolCall, "");
  }
  if (in.era == mcp::Era::kModern) {
    return any;
  }
  in.session->own_tasks.offered = any && revision == mcp::kRevision20251125;
  for (const auto& [server, hello] : learned.up) {
    if (in.session->own_tasks.offered && !mcp::makes_tasks(hello.result)) {
      in.session->own_tasks.servers.insert(server);
    }
  }
  return in.session->own_tasks.offered;
}

void initialized(Core& core, const Inbound& in, const Learned& learned,
                 const std::function<void()>& failed) {
  if (refused_as_stopped(core, in, failed)) {
    return;
  }
  if (learned.up.empty() && learned.other_era.empty()) {
    failed();
    answer_fault(in, unavailable(learned));
    return;
  }
  const std::string requested(*json::find_string(*in.message.params_value(), {"protocolVersion"}));
  const std::string revision =
      learned.other_era.empty() ? mcp::choose_revision(requested, agreed(learned)) : "";
  if (revision.empty()) {
    failed();
    answer_fault(in, mcp::legacy_client_modern_server(in.server.empty() ? "/mcp" : in.server,
                                                      all_revisions(core, learned), requested));
    return;
  }
  Result<std::string> result = initialize_result_of(core, in, learned, revision);
  if (!result) {
    failed();
    answer_fault(in, {result.error().code, result.error().message, "", 200});
    return;
  }
  if (offers_own_tasks(core, in, learned, revision)) {
    result = mcp::with_own_tasks(*result, in.era);
  }
  in.session->revision = revision;
  Reply::Head head;
  head.headers.set(names::kFieldMcpSession, in.session->id());
  in.reply->answer(jsonrpc::response(in.message.id_text, *result), std::move(head),
                   core.parts.gateway.plumbing_gate(in.caller, in.server));
}

Result<std::string> discover_result_of(const Core& core, const Inbound& in, const Learned& learned,
                                       const std::vector<std::string>& offered) {
  if (!in.server.empty()) {
    return mcp::discover_result(mcp::without_own_keys(learned.up.begin()->second.result), offered);
  }
  Result<std::string> combined =
      mcp::combined_discover(results(learned), offered, core.options.version);
  return combined ? Result<std::string>(with_unavailable(std::move(*combined), learned)) : combined;
}

void discovered(Core& core, const Inbound& in, const Learned& learned) {
  if (refused_as_stopped(core, in)) {
    return;
  }
  if (learned.up.empty() && learned.other_era.empty()) {
    answer_fault(in, unavailable(learned));
    return;
  }
  const std::vector<std::string> all = all_revisions(core, learned);
  if (!learned.other_era.empty() || agreed(learned).empty()) {
    answer_fault(in, mcp::modern_client_legacy_server(in.server.empty() ? "/mcp" : in.server, all,
                                                      in.revision));
    return;
  }
  Result<std::string> result = discover_result_of(core, in, learned, all);
  if (!result) {
    answer_fault(in, {result.error().code, result.error().message, "", 200});
    return;
  }
  if (offers_own_tasks(core, in, learned, in.revision)) {
    result = mcp::with_own_tasks(*result, in.era);
  }
  in.reply->answer(jsonrpc::response(in.message.id_text, *result), {},
                   core.parts.gateway.plumbing_gate(in.caller, in.server));
}

// Servers that cost no process to ask.
std::vector<std::string> askable(const Core& core, const Learned& learned) {
  std::vector<std::string> out;
  for (const auto& [server, hello] : learned.up) {
    const mcp::ServerConfig* config = core.parts.servers.config(server);
    if (config != nullptr && !config->url.empty()) {
      out.push_back(server);
    }
  }
  return out;
}

struct Waiting {
  Learned learned;
  mcp::Era era = mcp::Era::kModern;
  std::size_t open = 1;  // one for the loop that asks
  std::function<void(Learned)> done;

  void said(Core& core, const std::string& server, const std::string& connection,
            const mcp::UpstreamHello& hello, const std::shared_ptr<mcp::Upstream>& upstream) {
    const bool registered = !core.parts.servers.is_shim(server, connection);
    if (registered) {
      core.revisions.note(server, era, hello);
    }
    if (hello.era == era) {
      learned.up.emplace(server, hello);
      return;
    }
    std::vector<std::string> spoken = hello.revisions;
    spoken.insert(spoken.end(), hello.others.begin(), hello.others.end());
    learned.other_era.emplace(server, registered ? core.revisions.of(server) : std::move(spoken));
    core.parts.servers.release(server, upstream);
  }
  void one_less(const std::shared_ptr<Core>& core) {
    if (--open != 0) {
      return;
    }
    if (learned.other_era.empty()) {
      done(std::move(learned));
      return;
    }
    // The refusal names what the client may speak with all of them.
    const std::vector<std::string> up = servers_up(learned);
    core->survey.learn(core, up, mcp::other(era),
                       [done = std::move(done),
                        told = std::make_shared<Learned>(std::move(learned))] { done(*told); });
  }
};

}  // namespace

bool refused_as_stopped(Core& core, const Inbound& in, const std::function<void()>& failed) {
  const std::optional<Refusal> refusal = core.parts.gateway.plumbing_refusal(in.caller, in.server);
  if (!refusal) {
    return false;
  }
  failed();
  in.reply->answer(mcp::refusal_response(in.message, in.era, *refusal, Uuid{}, ""), {}, nullptr);
  return true;
}

std::vector<std::string> visible_servers(const Core& core, const Caller& caller) {
  std::vector<std::string> out;
  for (const std::string& server : core.parts.servers.names()) {
    for (std::string_view verb :
         {kinds::kToolList, kinds::kResourceList, kinds::kPromptList, kinds::kResourceTemplates}) {
      if (core.parts.gateway.may_use(caller, server, verb, "")) {
        out.push_back(server);
        break;
      }
    }
  }
  return out;
}

void learn_hellos(const std::shared_ptr<Core>& core, const std::vector<std::string>& servers,
                  const Caller& caller, const std::string& connection, const mcp::Opening& opening,
                  std::function<void(Learned)> done) {
  const auto waiting = std::make_shared<Waiting>();
  waiting->done = std::move(done);
  waiting->era = opening.era;
  for (const std::string& server : servers) {
    Result<std::shared_ptr<mcp::Upstream>> upstream =
        core->parts.servers.upstream(server, caller.agent, connection, opening.era);
    if (!upstream) {
      waiting->learned.down.emplace(server, upstream.error().message);
      continue;
    }
    core->links.listen(core, server, *upstream);
    ++waiting->open;
    (*upstream)->start(opening, [waiting, server, connection, core,
                                 held = *upstream](const Result<mcp::UpstreamHello>& hello) {
      if (hello) {
        waiting->said(*core, server, connection, *hello, held);
      } else {
        waiting->learned.down.emplace(server, hello.error().message);
      }
      waiting->one_less(core);
    });
  }
  waiting->one_less(core);
}

void answer_initialize(const std::shared_ptr<Core>& core, const Inbound& in,
                       std::function<void()> failed) {
  if (refused_as_stopped(*core, in, failed)) {
    return;  // nothing is started for it
  }
  Result<std::string> params = masked_params(in.message);
  if (!params) {
    failed();
    answer_fault(in, {params.error().code, params.error().message, "", 200});
    return;
  }
  in.session->initialize_params = *params;
  const std::vector<std::string> servers = servers_of(*core, in);
  learn_hellos(core, servers, in.caller, in.connection, {mcp::Era::kLegacy, *params},
               [core, in, failed = std::move(failed)](const Learned& learned) {
                 initialized(*core, in, learned, failed);
               });
}

void answer_discover(const std::shared_ptr<Core>& core, const Inbound& in) {
  if (refused_as_stopped(*core, in)) {
    return;
  }
  const std::vector<std::string> servers = servers_of(*core, in);
  learn_hellos(core, servers, in.caller, in.connection, {mcp::Era::kModern},
               [core, in](const Learned& learned) {
                 core->survey.learn(core, askable(*core, learned), mcp::Era::kLegacy,
                                    [core, in, learned] { discovered(*core, in, learned); });
               });
}

std::map<std::string, std::string> client_info(const jsonrpc::Message& initialize) {
  std::map<std::string, std::string> out;
  const json::Value* params = initialize.params_value();
  for (const char* key : {"name", "version"}) {
    const auto text = params ? json::find_string(*params, {"clientInfo", key}) : std::nullopt;
    if (text && text->size() <= kMaxClientName) {
      out.emplace(std::string("clientInfo.") + key, std::string(*text));
    }
  }
  return out;
}

}  // namespace pawl::bridge
