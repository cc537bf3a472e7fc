#include "app/commands/all_commands.h"

#include "app/commands/account_command.h"
#include "app/commands/approvals_command.h"
#include "app/commands/config_command.h"
#include "app/commands/demo_command.h"
#include "app/commands/help_command.h"
#include "app/commands/init_command.h"
#include "app/commands/keys_command.h"
#include "app/commands/ledger_command.h"
#include "app/commands/notify_command.h"
#include "app/commands/operators_command.h"
#include "app/commands/revoke_command.h"
#include "app/commands/rules_command.h"
#include "app/commands/scrub_command.h"
#include "app/commands/serve_command.h"
#include "app/commands/signer_command.h"
#include "app/commands/status_command.h"
#include "app/commands/stop_command.h"
#include "app/commands/subject_command.h"
#include "app/commands/token_command.h"
#include "app/commands/trust_command.h"
#include "app/commands/vault_command.h"
#include "app/commands/verify_command.h"
#include "app/commands/why_command.h"
#include "app/commands/witness_command.h"
#include "app/commands/wrap_command.h"
#include "app/daemon/upstream_factory.h"

namespace pawl {

void add_all_commands(CLI::App& root, Context& context) {
  root.set_version_flag("--version", std::string("pawl ") + kVersion);
  add_common_options(root, context);
  add_init(root, context);
  add_serve(root, context);
  add_wrap(root, context);
  add_demo(root, context);
  add_status(root, context);
  add_why(root, context);
  add_ledger(root, context);
  add_rules(root, context);
  add_stop(root, context);
  add_resume(root, context);
  add_revoke(root, context);
  add_approvals(root, context);
  add_operators(root, context);
  add_notify(root, context);
  add_verify(root, context);
  add_trust(root, context);
  add_token(root, context);
  add_witness(root, context);
  add_keys(root, context);
  add_signer(root, context);
  add_vault(root, context);
  add_subject(root, context);
  add_account(root, context);
  add_scrub(root, context);
  add_config(root, context);
  add_help(root, context);
}

}  // namespace pawl
