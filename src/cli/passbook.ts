#!/usr/bin/env node
// The operators' one binary.
import { passbookCommand } from './passbook.command.js';
import { runCommand } from './run-command.js';

await runCommand(passbookCommand());
