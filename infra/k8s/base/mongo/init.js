// Initiates the replica set, adds and removes members, and sets the passwords of the users. Harmless to repeat.
//
// It logs in as the members do: as __system, whose password is the key file. One member joins or leaves at a time, and only
// when all others are healthy, so that the set never loses its majority.
const { STORE, SERVICE, MEMBERS, KEYFILE, PASSWORD, BACKUP_PASSWORD, MONGO_OPTIONS } = process.env;

const DEADLINE = Date.now() + 300_000;
const login = `__system:${encodeURIComponent(KEYFILE.replace(/\s/g, ""))}`;
const options = `authSource=local&authMechanism=SCRAM-SHA-256&serverSelectionTimeoutMS=5000${MONGO_OPTIONS}`;
const wanted = Array.from({ length: Number(MEMBERS) }, (_, number) => `${STORE}-${number}.${STORE}-srv:27017`);

/** Whether a member belongs to a set. It is asked directly, because there may be no set yet. */
function belongsToASet(host) {
  const member = connect(`mongodb://${login}@${host}/admin?directConnection=true&${options}`);
  try {
    member.adminCommand({ replSetGetConfig: 1 });
    return true;
  } catch (error) {
    if (error.codeName === "NotYetInitialized") return false;
    throw error;
  }
}

function initiate() {
  let initiated = false;
  for (const host of wanted) initiated = belongsToASet(host) || initiated;
  if (initiated) return;
  const first = connect(`mongodb://${login}@${wanted[0]}/admin?directConnection=true&${options}`);
  first.adminCommand({ replSetInitiate: { _id: "rs0", members: wanted.map((host, _id) => ({ _id, host })) } });
  print(`initiated the replica set with ${wanted.join(", ")}`);
}

/** Makes one change towards the wanted members. False if none was needed. */
function changeMembers() {
  const { members } = rs.status();
  const sick = members.find(({ name, stateStr }) => wanted.includes(name) && !/^(PRIMARY|SECONDARY)$/.test(stateStr));
  if (sick) throw new Error(`${sick.name} is ${sick.stateStr}`);
  const missing = wanted.find((host) => !members.some(({ name }) => name === host));
  const unwanted = members.filter(({ name }) => !wanted.includes(name));
  const leaving = unwanted.find(({ stateStr }) => stateStr !== "PRIMARY");
  if (missing) {
    rs.add(missing);
    print(`${missing} joins the replica set`);
  } else if (leaving) {
    rs.remove(leaving.name);
    print(`${leaving.name} leaves the replica set`);
  } else if (unwanted.length > 0) {
    print(`${unwanted[0].name} is the primary and has to leave: it steps down`);
    rs.stepDown(60);
  }
  return Boolean(missing) || unwanted.length > 0;
}

function setUser(database, name, pwd, role) {
  const users = db.getSiblingDB(database);
  const settings = { pwd, roles: [{ role, db: database }], mechanisms: ["SCRAM-SHA-256"] };
  if (users.getUser(name)) users.updateUser(name, settings, { w: "majority" });
  else users.createUser({ user: name, ...settings }, { w: "majority" });
}

function run() {
  initiate();
  db = connect(`mongodb://${login}@${wanted.join(",")}/admin?replicaSet=rs0&${options}`);
  while (changeMembers());
  setUser(SERVICE, SERVICE, PASSWORD, "readWrite");
  setUser("admin", "backup", BACKUP_PASSWORD, "backup");
}

for (let done = false, last = ""; !done; ) {
  try {
    run();
    done = true;
  } catch (error) {
    if (Date.now() > DEADLINE) throw error;
    if (error.message !== last) print(`failed, trying again: ${error.message}`);
    last = error.message;
    sleep(1000);
  }
}
print(`${wanted.join(", ")}: one replica set with a primary; users ${SERVICE} and backup are set`);
