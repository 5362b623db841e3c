/** The gateway's Auth service. */
import type { Permission, PermissionType } from '../auth-state.ts';
import { AUTH_ERRORS } from '../errors.ts';
import { hashPassword } from '../password.ts';
import { type Answer, type Call, flag, header, inner, integer, text, type Unary } from './backend.ts';
import * as messages from './messages.ts';
import { type Message, type MessageType, message } from './proto-json.ts';

/** A change that takes the root role and answers with a header. */
function administrative(request: MessageType, work: (call: Call, request: Message) => void): Unary {
  return {
    request,
    answer(call, received) {
      call.backend.auth.requireAdmin(call.user);
      work(call, received);
      return { header: header(call.backend) };
    },
  };
}

/** Null for a user without a password. */
async function passwordOf({ backend }: Call, request: Message): Promise<string | null> {
  const options = inner(request, 'options');
  if (options && flag(options, 'no_password')) return null;
  return hashPassword(text(request, 'password'), backend.randomBytes(16));
}

async function addUser(call: Call, request: Message): Promise<Answer> {
  const { auth } = call.backend;
  auth.requireAdmin(call.user);
  const password = await passwordOf(call, request);
  auth.state.addUser(text(request, 'name'), password);
  return { header: header(call.backend) };
}

async function changePassword(call: Call, request: Message): Promise<Answer> {
  const { auth } = call.backend;
  auth.requireAdmin(call.user);
  const password = await passwordOf(call, request);
  auth.state.changePassword(text(request, 'name'), password);
  auth.forgetTokens(text(request, 'name'));
  return { header: header(call.backend) };
}

async function authenticate({ backend }: Call, request: Message): Promise<Answer> {
  const token = Array.from(backend.randomBytes(16), (byte) => String.fromCharCode(97 + (byte % 26))).join('');
  const { auth, now } = backend;
  const given = await auth.authenticate(text(request, 'name'), text(request, 'password'), now(), token);
  return message({ header: header(backend), token: given });
}

function getUser({ backend, user }: Call, request: Message): Answer {
  const name = text(request, 'name');
  if (user !== name || name === '') backend.auth.requireAdmin(user);
  return message({ header: header(backend), roles: backend.auth.state.user(name).roles });
}

function getRole({ backend, user }: Call, request: Message): Answer {
  const { auth } = backend;
  const role = text(request, 'role');
  if (!auth.state.users[user]?.roles.includes(role)) auth.requireAdmin(user);
  // The root role has no list: it may do everything.
  const permissions: Permission[] =
    auth.state.role(role) && role === 'root' ? [{ type: 'READWRITE', key: '', rangeEnd: '\0' }] : auth.state.role(role);
  const perm = permissions.map(({ type, key, rangeEnd }) =>
    message({
      permType: type === 'READ' ? undefined : type,
      key: btoa(key),
      range_end: btoa(rangeEnd),
    }),
  );
  return message({ header: header(backend), perm });
}

function grantPermission({ backend }: Call, request: Message): void {
  const perm = inner(request, 'perm');
  if (!perm) throw AUTH_ERRORS.permissionNotGiven();
  const type: PermissionType = messages.PERMISSIONS[integer(perm, 'permType')] ?? 'READ';
  const [key, rangeEnd] = [text(perm, 'key'), text(perm, 'range_end')];
  backend.auth.state.grantPermission(text(request, 'name'), { type, key, rangeEnd });
}

export const AUTH: Record<string, Unary> = {
  'auth/enable': administrative(messages.EMPTY, ({ backend }) => backend.auth.enable()),
  'auth/disable': administrative(messages.EMPTY, ({ backend }) => backend.auth.disable()),
  'auth/status': {
    request: messages.EMPTY,
    answer: ({ backend }) =>
      message({
        header: header(backend),
        enabled: backend.auth.enabled,
        authRevision: String(backend.auth.state.revision),
      }),
  },
  'auth/authenticate': { request: messages.NAME_PASSWORD, answer: authenticate },
  'auth/user/add': { request: messages.NAME_PASSWORD, answer: addUser },
  'auth/user/get': { request: messages.NAME, answer: getUser },
  'auth/user/list': {
    request: messages.EMPTY,
    answer({ backend, user }) {
      backend.auth.requireAdmin(user);
      return message({ header: header(backend), users: Object.keys(backend.auth.state.users).sort() });
    },
  },
  'auth/user/delete': administrative(messages.NAME, ({ backend }, request) => {
    backend.auth.state.deleteUser(text(request, 'name'));
    backend.auth.forgetTokens(text(request, 'name'));
  }),
  'auth/user/changepw': { request: messages.NAME_PASSWORD, answer: changePassword },
  'auth/user/grant': administrative(messages.USER_GRANT, ({ backend }, request) =>
    backend.auth.state.grantRole(text(request, 'user'), text(request, 'role')),
  ),
  'auth/user/revoke': administrative(messages.USER_REVOKE, ({ backend }, request) =>
    backend.auth.state.revokeRole(text(request, 'name'), text(request, 'role')),
  ),
  'auth/role/add': administrative(messages.NAME, ({ backend }, request) =>
    backend.auth.state.addRole(text(request, 'name')),
  ),
  'auth/role/get': { request: messages.ROLE, answer: getRole },
  'auth/role/list': {
    request: messages.EMPTY,
    answer({ backend, user }) {
      backend.auth.requireAdmin(user);
      return message({ header: header(backend), roles: Object.keys(backend.auth.state.roles).sort() });
    },
  },
  'auth/role/delete': administrative(messages.ROLE, ({ backend }, request) => {
    for (const user of backend.auth.state.deleteRole(text(request, 'role'))) backend.auth.forgetTokens(user);
  }),
  'auth/role/grant': administrative(messages.ROLE_GRANT, grantPermission),
  'auth/role/revoke': administrative(messages.ROLE_REVOKE, ({ backend }, request) =>
    backend.auth.state.revokePermission(text(request, 'role'), text(request, 'key'), text(request, 'range_end')),
  ),
};
