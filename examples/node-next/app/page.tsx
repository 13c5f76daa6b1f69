import Image from 'next/image';
import { kinds } from '../lib/units';
import { Converter } from './converter';

export default function Page() {
  return (
    <main>
      <Image src="/ruler.png" alt="" width={256} height={64} priority />
      <h1>Units</h1>
      <Converter kinds={kinds} />
    </main>
  );
}
