import { buildProgram } from "#anrf/build/builder.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { print } from "./print.ts";
import { parse } from "./parse.ts";
const T={gen:0,build:0,print:0,parse:0}; let chars=0;
for(let s=1;s<=2000;s++){ let t=performance.now(); const p=randomProgram(s); T.gen+=performance.now()-t; t=performance.now(); const b=buildProgram(p); T.build+=performance.now()-t; t=performance.now(); const x=print(b); T.print+=performance.now()-t; t=performance.now(); parse(x); T.parse+=performance.now()-t; chars+=x.length; }
console.log(T,chars);
