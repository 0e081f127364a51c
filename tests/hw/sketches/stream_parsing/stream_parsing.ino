// Everything with which a Stream is taken apart, and its time-outs.
void setup() {
  Serial.begin(115200);
  Serial.setTimeout(40);
  unsigned long start = millis();
  Serial.println(Serial.parseInt());
  unsigned long waited = millis() - start;
  Serial.println(waited >= 40 && waited <= 42);
  Serial.println(Serial.getTimeout());
}

void loop() {
  if (Serial.available() == 0) return;
  switch (Serial.read()) {
    case 'i': {
      long a = Serial.parseInt();
      long b = Serial.parseInt();
      Serial.println(a + b);
      break;
    }
    case 'j': {
      long a = Serial.parseInt(SKIP_NONE);
      long b = Serial.parseInt(SKIP_WHITESPACE);
      Serial.println(String(a) + "," + b);
      break;
    }
    case 'k': Serial.println(Serial.parseInt(SKIP_ALL, ',')); break;
    case 'g': {
      float a = Serial.parseFloat();
      float b = Serial.parseFloat();
      Serial.println(String(a, 3) + " " + String(b, 3));
      break;
    }
    case 'u': {
      String first = Serial.readStringUntil(',');
      String second = Serial.readStringUntil('\n');
      Serial.println("<" + first + "><" + second + ">");
      return;
    }
    case 's': Serial.println(Serial.readString().length()); return;
    case 'f': {
      bool found = Serial.find((char *)"aab");
      delay(2);
      Serial.println(found ? (char)Serial.read() : '?');
      break;
    }
    case 'F': Serial.println(Serial.findUntil((char *)"key", (char *)"end")); break;
    case 'b': {
      char bytes[8] = {};
      size_t n = Serial.readBytes(bytes, 4);
      Serial.print(n);
      Serial.println(bytes);
      break;
    }
    case 'B': {
      char bytes[8] = {};
      size_t n = Serial.readBytesUntil(';', bytes, 7);
      Serial.print(n);
      Serial.println(bytes);
      break;
    }
    case 'p': {
      int next = Serial.peek();
      Serial.println(next == Serial.read());
      break;
    }
    default: return;
  }
  Serial.readStringUntil('\n');
}
