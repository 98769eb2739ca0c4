// What a package's declarations export, as text that can be compared: every type written out down to the language's own,
// without the names of helpers, parameters and type parameters, and without what is private.

import ts from "typescript";

/** The exports of two or more declaration files, read in one program: name → what it is. */
export function readExports(files, options) {
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: [],
    strict: true,
    noEmit: true,
    ...options,
  });
  const checker = program.getTypeChecker();
  return files.map((file) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} is no module`);
    const writer = new Writer(program, checker, source);
    return new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, writer.export(symbol)]));
  });
}

class Writer {
  constructor(program, checker, source) {
    Object.assign(this, { program, checker, source, above: [] });
  }

  export(symbol) {
    const { checker } = this;
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const typeOnly = target.flags & ts.SymbolFlags.Value && isTypeOnly(symbol);
    const value = target.flags & ts.SymbolFlags.Value && !typeOnly;
    const type = target.flags & ts.SymbolFlags.Type;
    const shape = {};
    if (type) shape.type = this.declared(target);
    if (value) shape.value = this.type(checker.getTypeOfSymbolAtLocation(target, this.source), true);
    return {
      kind: kindOf(target, typeOnly),
      side: [type && "type", value && "value"].filter(Boolean).join(" and "),
      members: this.members(target, value),
      shape,
    };
  }

  /** The names of what is public; of an enum its members. */
  members(symbol, value) {
    const { checker } = this;
    const names = (type) =>
      checker
        .getPropertiesOfType(type)
        .filter((one) => one.name !== "prototype" && !isPrivate(one))
        .map((one) => one.name);
    const own = symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias);
    const declared = own ? checker.getDeclaredTypeOfSymbol(symbol) : undefined;
    const members = symbol.flags & ts.SymbolFlags.Enum ? [...symbol.exports.keys()] : [];
    if (declared && declared.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))
      members.push(...names(declared));
    const isClass = value && symbol.flags & ts.SymbolFlags.Class;
    return {
      instance: members.sort(),
      static: isClass ? names(checker.getTypeOfSymbolAtLocation(symbol, this.source)).sort() : [],
    };
  }

  /** A declared type, always written out; of an enum its members. */
  declared(symbol) {
    const type = this.checker.getDeclaredTypeOfSymbol(symbol);
    if (symbol.flags & ts.SymbolFlags.Enum) return this.enumeration(symbol);
    return this.type(type, true);
  }

  enumeration(symbol) {
    const values = [...symbol.exports.values()].map(
      (member) =>
        `${member.name} = ${JSON.stringify(this.checker.getConstantValue(member.valueDeclaration))}`,
    );
    return `enum {${values.join(", ")}}`;
  }

  type(type, whole = false) {
    const { checker } = this;
    const { flags, symbol } = type;
    if (type.isThisType) return "this";
    if (flags & ts.TypeFlags.TypeParameter) return this.parameter(type);
    if (flags & ts.TypeFlags.EnumLike && !(flags & ts.TypeFlags.Union && !symbol)) return enumName(symbol);
    if (flags & ts.TypeFlags.Union) return this.union(type);
    if (!(flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return checker.typeToString(type);
    if (flags & ts.TypeFlags.Object && symbol && this.isLanguage(symbol)) return this.reference(type);
    if (checker.isTupleType(type)) return `[${checker.getTypeArguments(type).map((one) => this.type(one))}]`;
    const at = this.above.lastIndexOf(type);
    if (at >= 0) return `(${this.above.length - at} above)`;
    this.above.push(type);
    try {
      return this.object(type, whole);
    } finally {
      this.above.pop();
    }
  }

  /** The type of what may be left out, when it is given. */
  given(type, optional) {
    return optional && type.isUnion() ? this.union(type, ts.TypeFlags.Undefined) : this.type(type);
  }

  union({ types }, without = 0) {
    const parts = new Set(types.filter((one) => !(one.flags & without)).map((one) => this.type(one)));
    if (parts.delete("false") && parts.delete("true")) parts.add("boolean");
    return [...parts].sort().join(" | ");
  }

  /** A type of the language: its name is the same for all. */
  reference(type) {
    const args = this.checker.getTypeArguments(type).filter((arg) => !arg.isThisType);
    const name = type.symbol.name === "__type" ? this.checker.typeToString(type) : type.symbol.name;
    return args.length > 0 ? `${name}<${args.map((arg) => this.type(arg)).join(", ")}>` : name;
  }

  object(type) {
    const { checker } = this;
    const lines = [
      ...type.getConstructSignatures().map((one) => `new ${this.signature(one)}`),
      ...type.getCallSignatures().map((one) => this.signature(one)),
      ...checker
        .getIndexInfosOfType(type)
        .map((one) => `[${this.type(one.keyType)}]: ${this.type(one.type)}`),
      ...checker
        .getPropertiesOfType(type)
        .filter((one) => one.name !== "prototype" && !isPrivate(one))
        .map((one) => this.property(one))
        .sort(),
    ];
    return lines.length === 1 && lines[0].startsWith("(") ? lines[0] : `{${lines.join("; ")}}`;
  }

  property(symbol) {
    const optional = symbol.flags & ts.SymbolFlags.Optional ? "?" : "";
    const type = this.checker.getTypeOfSymbolAtLocation(symbol, this.source);
    return `${isReadonly(symbol) ? "readonly " : ""}${symbol.name}${optional}: ${this.given(type, optional)}`;
  }

  signature(signature) {
    const { checker } = this;
    const kept = this.parameters;
    this.parameters = [...(kept ?? []), ...(signature.typeParameters ?? [])];
    try {
      const bounds = (signature.typeParameters ?? []).map((one) => {
        const bound = one.getConstraint();
        const fallback = one.getDefault();
        return `${this.parameter(one)}${bound ? ` extends ${this.type(bound)}` : ""}${fallback ? ` = ${this.type(fallback)}` : ""}`;
      });
      const args = signature.parameters.map((one) => {
        const { valueDeclaration: declaration } = one;
        const rest = declaration?.dotDotDotToken ? "..." : "";
        const optional = declaration && checker.isOptionalParameter(declaration) ? "?" : "";
        const type = checker.getTypeOfSymbolAtLocation(one, this.source);
        return rest + this.given(type, optional) + optional;
      });
      const { declaration } = signature; // a class without a constructor has none
      const hidden = declaration && isHidden(declaration);
      const predicate = checker.getTypePredicateOfSignature(signature);
      const back = predicate?.type
        ? `${predicate.parameterIndex} is ${this.type(predicate.type)}`
        : this.type(signature.getReturnType());
      return `${hidden ? "private " : ""}${bounds.length ? `<${bounds.join(", ")}>` : ""}(${args.join(", ")}) => ${back}`;
    } finally {
      this.parameters = kept;
    }
  }

  /** Type parameters are known by their place. */
  parameter(type) {
    const at = (this.parameters ?? []).indexOf(type);
    return at >= 0 ? `T${at}` : `T of ${type.symbol.parent?.name ?? type.symbol.name}`;
  }

  isLanguage(symbol) {
    const file = symbol.declarations?.[0]?.getSourceFile();
    return !!file && this.program.isSourceFileDefaultLibrary(file);
  }
}

function kindOf({ flags }, typeOnly) {
  if (flags & ts.SymbolFlags.Class) return typeOnly ? "interface" : "class";
  if (flags & ts.SymbolFlags.Enum) return "enum";
  if (flags & ts.SymbolFlags.Function) return "function";
  if (flags & ts.SymbolFlags.Variable) return "constant";
  return "type";
}

/** `export type *` and `export type {…}` take the value from what they pass on. */
function isTypeOnly(symbol) {
  return !!symbol.declarations?.some((one) => ts.isTypeOnlyImportOrExportDeclaration(one));
}

function enumName(symbol) {
  return symbol.flags & ts.SymbolFlags.EnumMember ? `${symbol.parent.name}.${symbol.name}` : symbol.name;
}

function isPrivate(symbol) {
  if (/^(__)?#/.test(symbol.name)) return true;
  return !!symbol.declarations?.some(isHidden);
}

function isHidden(declaration) {
  return !!(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.NonPublicAccessibilityModifier);
}

function isReadonly(symbol) {
  const all = symbol.declarations ?? [];
  if (all.some((one) => ts.getCombinedModifierFlags(one) & ts.ModifierFlags.Readonly)) return true;
  return all.some(ts.isGetAccessor) && !all.some(ts.isSetAccessor);
}
