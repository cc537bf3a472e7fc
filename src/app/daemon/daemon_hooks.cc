// What the control listener asks of the daemon. Threading: the I/O thread.
#include "app/daemon/control_desks.h"
#include "app/daemon/daemon_parts.h"
#include "app/daemon/scrape.h"
#include "app/daemon/status_report.h"
#include "path/plugged.h"

namespace pawl {

void Daemon::Impl::note_refusal(std::string_view listener, std::string_view method,
                                std::string_view path, const http::Response& answer) {
  const std::string code = refusal_code(method, answer);
  if (!code.empty() && plugged(ControlId::kOperatorRefusals)) {
    loop.post(
        [this, listener, act = act_of(method, path), code] { refused->note(listener, act, code); });
  }
}

ControlApiHooks Daemon::Impl::control_hooks(const std::string& token) {
  ControlApiHooks hooks;
  hooks.why_not_ready = [this]() -> std::string {
    const std::string closed = governance->recorder().closed_because();
    return stopping          ? "shutting down"
           : !ready          ? "starting"
           : !closed.empty() ? "the ledger cannot record: " + closed
                             : "";
  };
  hooks.metrics = [this] {
    return scrape(
        {*governance, *data, *bridge, spans.get(), face, *output, wrapped, *authenticator});
  };
  const auto status = [this] {
    json::Value shown = status_report({options.config, *governance, files, clock, *servers, health,
                                       wrapped, spans.get(), rate, *face.log, *authenticator});
    shown.as_object()["addresses"] = addresses;
    shown.as_object()["vault"] = vault->status();
    shown.as_object()["notices"] = told.status();
    return shown;
  };
  reads = std::make_unique<ConsoleReads>(ConsoleReads::Parts{
      options.config, *governance, files, clock, scheduler, folder, *lookup, health, wrapped, rate,
      *face.log, token, sign_in ? &sign_in->guard() : nullptr, child_user.has_value(), status,
      options.troubles});
  hooks.reads = [this](const auto&... asked) { return reads->handle(asked...); };
  hooks.reload_rules = [this] { return governance->reloaded_rules(); };
  hooks.scrub = [this] { return governance->scrub().ask(); };
  const ControlDeskParts parts{options.config, *governance, *vault, *lookup, sign_in.get(), token};
  hooks.desks = control_desks(parts);
  hooks.own_desks = people_desks(parts);
  told.add_to(hooks, token, sign_in.get());
  hooks.renew_log = [this] { return governance->switch_log(); };
  return hooks;
}

}  // namespace pawl
